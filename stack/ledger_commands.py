"""`footfall ledger`: what the ledger says, and the one thing a person may write into it."""

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

import click
from confluent_kafka import KafkaException
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from contracts.names import Collection, Topic
from footfall_airflow.offsets import Broker
from stack.database import open_database
from stack.local import recorded_settings
from stack.losses import DAGS, Loss, Losses, Who
from stack.problems import StackProblem


class _Range(click.ParamType[Loss]):
    """`partition:first-last`, both offsets included."""

    name = "partition:from-to"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Loss:
        try:
            partition, _, offsets = value.partition(":")
            first, last = offsets.split("-")
            return Loss(int(partition), int(first), int(last))
        except ValueError:
            self.fail(f"{value!r} is not partition:from-to, such as 3:1200-1499.", param, context)


class _Group(click.Group):
    """An engine that does not answer is one message, too."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (PyMongoError, KafkaException, TimeoutError) as error:
            raise StackProblem(f"The database or the broker does not answer; is the stack running? {error}") from error


@click.group("ledger", cls=_Group)
def ledger_group() -> None:
    """Look into the ledger of batches; accept that messages are lost."""


@ledger_group.command("list")
@click.option("--state", help="Only entries in this state, such as set_aside.")
@click.option("-n", "--lines", default=20, show_default=True, help="So many of the newest.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON list.")
def ledger_list(state: str | None, lines: int, as_json: bool) -> None:
    """List batches, halves and rounds, newest first.

    Example: footfall ledger list --state set_aside
    """
    batches = open_database(recorded_settings(os.environ))[Collection.BATCHES]
    query = {} if state is None else {"state": state}
    found = list(batches.find(query).sort("planned_at", -1).limit(lines))
    if as_json:
        click.echo(json.dumps(found, indent=1, default=str))
        return
    table = Table("entry", "dag", "state", "messages", "failures", "planned", "remark", box=None)
    for entry in found:
        failures = str(len(entry.get("failures", [])) or "")
        planned = f"{entry['planned_at']:%Y-%m-%d %H:%M:%S}"
        values = (entry["_id"], entry["dag"], entry["state"], entry.get("messages", ""), failures, planned)
        table.add_row(*map(str, values), _remark(entry))
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def _remark(entry: dict[str, Any]) -> str:
    if entry.get("parent"):
        return f"half of {entry['parent']}"
    return f"accepted by {entry['by']}" if "by" in entry else ""


@ledger_group.command("show")
@click.argument("key")
def ledger_show(key: str) -> None:
    """Show one entry whole, as JSON.

    Example: footfall ledger show 12
    """
    batches = open_database(recorded_settings(os.environ))[Collection.BATCHES]
    entry = batches.find_one({"_id": int(key) if key.isdigit() else key})
    if entry is None:
        raise StackProblem(f"The ledger holds no entry {key}: see `footfall ledger list`.")
    click.echo(json.dumps(entry, indent=1, default=str))


@ledger_group.command("accept-loss")
@click.option("--topic", type=click.Choice([str(topic) for topic in DAGS]), required=True)
@click.option("--range", "ranges", type=_Range(), multiple=True, help="What is lost; may be given several times.")
@click.option("--made-anew", is_flag=True, help="The topic was deleted and made anew: start at its oldest message.")
@click.option("--by", "name", required=True, help="Who accepts the loss.")
@click.option("--reason", required=True, help="Why; it stays in the ledger.")
@click.option("--yes", is_flag=True, help="Do it. Without this, the command only says what it would do.")
def ledger_accept_loss(
    topic: str, ranges: tuple[Loss, ...], made_anew: bool, name: str, reason: str, yes: bool
) -> None:
    """Book messages as lost that Kafka no longer has and nobody read; then the topic is read on.

    The range must be exactly what is lost: `plan_batch` and this command name it. It rehearses unless told --yes.

    Example: footfall ledger accept-loss --topic footfall.events.v1 --range 3:1200-1499 --by anna --reason "disk failed" --yes
    """
    settings = recorded_settings(os.environ)
    losses = Losses(open_database(settings), Broker(settings.kafka_bootstrap).read_state(topic), settings.lease_seconds)
    if not name.strip() or not reason.strip() or made_anew == bool(ranges):
        raise StackProblem("Give a name, a reason, and either --range or --made-anew.")
    if not yes:
        click.echo(_rehearsal(losses, Topic(topic), ranges, made_anew))
        return
    who = Who(name, reason, datetime.now(UTC))
    entry = losses.accept_new_topic(who) if made_anew else losses.accept(ranges, who)
    click.echo(f"Booked in entry {entry['_id']} of the ledger; {topic} is read on.")


def _rehearsal(losses: Losses, topic: Topic, ranges: tuple[Loss, ...], made_anew: bool) -> str:
    """What would be done; raises StackProblem where it could not be."""
    if made_anew:
        losses.require_new_topic()
        return f"{topic} would be read from its oldest message on. Nothing was changed: add --yes to do it."
    losses.require_exactly(ranges)
    count = sum(loss.messages for loss in ranges)
    return f"{topic}: {count:,} messages would be booked as lost. Nothing was changed: add --yes to do it."
