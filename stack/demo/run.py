"""What the demo does on a running platform: opens shops, sends their traffic, waits for the reports, compares."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from confluent_kafka.admin import AdminClient
from pymongo.database import Database
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contracts.names import Collection
from contracts.settings import Settings
from stack.demo.accounts import SignIn, give_sign_in, open_shop
from stack.demo.backlog import Backlog, read_backlog, wait_until_done
from stack.demo.comparison import differences
from stack.demo.posting import post_traffic
from stack.demo.shops import Shop
from stack.demo.traffic import Traffic, make_traffic

SHARES = (0.45, 0.25, 0.3)
WAIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much the shops send: visits in all, over so many local days that end today."""

    visits: int
    days: int
    seed: str


@dataclass(slots=True)
class Demo:
    """The demo's shops on one platform."""

    settings: Settings
    database: Database[dict[str, Any]]
    shops: list[Shop]
    console: Console

    def sign_in(self) -> SignIn:
        return give_sign_in(self.database, [shop.merchant for shop in self.shops])

    def has_history(self) -> bool:
        merchants = [shop.merchant for shop in self.shops]
        return self.database[Collection.REPORTS].find_one({"merchant": {"$in": merchants}}) is not None

    def send(self, plan: Plan) -> list[Traffic]:
        """Sends every shop's traffic; returns when the collector has acknowledged all of it."""
        until = datetime.now(UTC).replace(microsecond=0)
        traffics = []
        with _progress(self.console) as progress:
            for shop, share in zip(self.shops, SHARES, strict=True):
                traffic = make_traffic(shop, int(plan.visits * share), plan.days, until, plan.seed)
                keys = open_shop(self.database, shop, self.settings)
                task = progress.add_task(f"Sending {shop.title}", total=len(traffic.sendings))
                advance = _advance(progress, task)
                post_traffic(traffic, keys, self.settings.public_collector_url, until, advance)
                traffics.append(traffic)
        return traffics

    def wait(self) -> None:
        """Returns when everything that was sent is in the reports; raises NotDone."""
        admin = AdminClient({"bootstrap.servers": self.settings.kafka_bootstrap, "log_level": 0})
        most = _work(read_backlog(admin, self.database))
        with _progress(self.console) as progress:
            task = progress.add_task("Computing the reports", total=max(most, 1))

            def show(backlog: Backlog) -> None:
                nonlocal most
                most = max(most, _work(backlog))
                progress.update(task, total=max(most, 1), completed=most - _work(backlog))

            wait_until_done(admin, self.database, WAIT_SECONDS, show)

    def compare(self, traffics: list[Traffic]) -> list[str]:
        """One sentence a number that is not what was sent."""
        return [
            f"{traffic.shop.title}: {difference}"
            for traffic in traffics
            for difference in differences(self.database, traffic.shop.merchant, traffic.tally)
        ]


def _work(backlog: Backlog) -> int:
    return backlog.unread + backlog.errors + backlog.due


def _advance(progress: Progress, task: Any) -> Callable[[int], None]:
    return lambda count: progress.advance(task, count)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
