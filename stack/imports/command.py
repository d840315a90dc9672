"""`footfall import`: sends a shop's history through the public API."""

import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.chunks import chunks
from stack.imports.declared import known_mappings, read_mapping
from stack.imports.mapping import BadMapping, BadRow, Mapping
from stack.imports.orders import OrdersMapping
from stack.imports.rows import BadFile, Row, read_rows
from stack.imports.sending import REQUEST_MESSAGES, Door, Pace, SendingStopped, split
from stack.local import recorded_settings

_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/s)?")
_LIBRARY = {"library": {"name": "footfall-import", "version": "1"}}


class RateType(click.ParamType[float]):
    name = "N/s"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = _RATE.fullmatch(value)
        if not found or float(found[1]) <= 0:
            self.fail(f"{value!r} is no rate: write messages a second, such as 500/s.", param, ctx)
        return float(found[1])


class ZoneType(click.ParamType[ZoneInfo]):
    name = "ZONE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            self.fail(f"{value!r} is no time zone: name one such as Europe/Berlin.", param, ctx)


@dataclass(slots=True)
class Totals:
    messages: int = 0
    events: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def line(self, seconds: float, retries: int) -> str:
        kinds = ", ".join(f"{count:,} {name}" for name, count in self.events.most_common())
        again = f", {retries} sent again" if retries else ""
        pace = self.messages / max(seconds, 0.001)
        return (
            f"{self.messages:,} messages in {self.requests:,} requests{again}, {seconds:.1f} s, {pace:,.0f}/s: {kinds}"
        )


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_name", required=True, help=f"One of: {', '.join(known_mappings())}; or a TOML file."
)
@click.option("--key", envvar="IMPORT_KEY", show_envvar=True, required=True, help="The shop's server key (wk1.s. …).")
@click.option("--url", default=None, help="The collector's address; the local stack's by default.")
@click.option("--rate", type=RateType(), default=None, help="Not more than so many messages a second, such as 500/s.")
@click.option(
    "--time-zone",
    type=ZoneType(),
    default="UTC",
    show_default=True,
    help="Of orders' times that name none, such as Europe/Berlin.",
)
def import_command(
    file: Path, mapping_name: str, key: str, url: str | None, rate: float | None, time_zone: ZoneInfo
) -> None:
    """Send a shop's history from FILE (CSV, plain or gzip).

    A message's id comes from its row or order, so that importing a file again changes no number.

    Example: footfall import --mapping shopify-orders --key wk1.s.… orders_export.csv
    """
    if not key.startswith("wk1.s."):
        raise click.ClickException("An import needs a server key (it begins with wk1.s.): this is another kind of key.")
    try:
        mapping = read_mapping(mapping_name, time_zone)
        door = Door(url or recorded_settings(os.environ).public_collector_url, key)
        started = time.monotonic()
        totals = send_file(file, mapping, door, Pace(rate), Console(stderr=True))
    except (BadMapping, BadRow, BadFile, SendingStopped) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(totals.line(time.monotonic() - started, door.retries))


def send_file(file: Path, mapping: Mapping | OrdersMapping, door: Door, pace: Pace, console: Console) -> Totals:
    """Streams the file; returns when all of it is acknowledged. Raises BadRow, BadFile, SendingStopped."""
    totals = Totals()
    with _progress(console) as progress:
        task = progress.add_task("Sending", total=file.stat().st_size, messages=0)
        for groups in chunks(mapping.groups_of(read_rows(file)), REQUEST_MESSAGES):
            messages = [message for rows in groups for message in _messages(mapping, rows)]
            for batch in split(messages):
                time.sleep(pace.seconds_to_wait(len(batch)))
                door.send(batch, context=_LIBRARY)
                totals.requests += 1
            totals.messages += len(messages)
            totals.events.update(message.get("event", message["type"]) for message in messages)
            progress.update(task, completed=groups[-1][-1].read_bytes, messages=totals.messages)
        progress.update(task, completed=file.stat().st_size)
    return totals


def _messages(mapping: Mapping | OrdersMapping, rows: list[Row]) -> list[dict[str, Any]]:
    try:
        return mapping.messages_of(rows)
    except BadRow as problem:
        raise BadRow(f"Line {rows[0].line} does not fit the mapping: {problem}.") from None


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[messages]:,} messages"))
    return Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal, transient=True)
