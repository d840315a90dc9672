"""`footfall alerts`: which alerts went out, and a trial of the roads that they take."""

import json
import os
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from contracts.alerts import AlertKind, Road, subject_of
from contracts.names import Collection
from footfall_airflow.alert_outbox import trial_alert
from footfall_airflow.alert_roads import open_roads
from footfall_airflow.alert_sending import try_once
from stack.database import open_database
from stack.local import recorded_settings
from stack.problems import StackProblem


@click.group("alerts")
def alerts_group() -> None:
    """Try the roads of alerts; see which alerts went out."""


@alerts_group.command("test")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def alerts_test(as_json: bool) -> None:
    """Send a test alert by every road that is set up, now, and say what came of it; exit status 1 where one failed.

    Example: footfall alerts test
    """
    roads = open_roads(recorded_settings(os.environ))
    if not roads:
        raise StackProblem(
            "No road is set up: set FOOTFALL_ALERT_SMTP_HOST or FOOTFALL_ALERT_WEBHOOK_URL, then `footfall up`."
        )
    alert = trial_alert(datetime.now(UTC))
    found = {road: try_once(send, alert, lambda: datetime.now(UTC)) for road, send in roads.items()}
    if as_json:
        shown = {str(road): {"is_sent": one["is_sent"], "why": one["why"]} for road, one in found.items()}
        click.echo(json.dumps({"alert": alert["_id"], "roads": shown}, indent=1))
    else:
        for road, one in found.items():
            took = f"sent in {one['milliseconds']:,} ms" if one["is_sent"] else "not sent"
            click.echo(f"{road:<8} {took}{': ' if one['why'] else ''}{one['why']}")
    if not all(one["is_sent"] for one in found.values()):
        raise SystemExit(1)


@alerts_group.command("list")
@click.option("-n", "--lines", default=20, show_default=True, help="So many of the newest.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON list.")
def alerts_list(lines: int, as_json: bool) -> None:
    """List alerts, newest first, and how they fared.

    Example: footfall alerts list
    """
    database = open_database(recorded_settings(os.environ))
    wanted = database[Collection.ALERTS].find({"kind": AlertKind.PROMISES}).sort("at", -1).limit(lines)
    alerts: list[dict[str, Any]] = list(wanted)
    if as_json:
        click.echo(json.dumps(alerts, indent=1, default=str))
        return
    table = Table("at (UTC)", "what", *Road, box=None)
    for alert in alerts:
        states = [_state(alert["roads"].get(road)) for road in Road]
        table.add_row(f"{alert['at']:%Y-%m-%d %H:%M}", subject_of(alert), *states)  # type: ignore[arg-type]
    Console().print(table)


def _state(sending: dict[str, Any] | None) -> str:
    if sending is None:
        return "-"
    log = sending["log"]
    why = f": {log[-1]['why']}" if log and log[-1]["why"] else ""
    return f"{sending['state']}{why}"
