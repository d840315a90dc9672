"""`footfall shop change --keep-days`: for how long a shop's messages are kept."""

from datetime import UTC, datetime
from typing import Any

import click
from pymongo.database import Database

from report_app.reading.merchants import merchants_by_id
from report_app.retention_orders import keep_for, read_days, removal
from report_app.setting_orders import BadSettings
from report_app.tickets.ordering import QuotaReached
from stack.problems import StackProblem

FOR_EVER = "for-ever"


def keep_messages(database: Database[dict[str, Any]], merchant: str, days: str, is_confirmed: bool) -> None:
    """Says what is lost for good, and does it only where that was confirmed, or is nothing. Raises StackProblem."""
    found = merchants_by_id(database, [merchant]).get(merchant)
    if found is None:
        raise StackProblem(f"There is no shop {merchant!r}: see `footfall shop create`.")
    now = datetime.now(UTC)
    try:
        wanted = read_days("" if days == FOR_EVER else days)
        lost = removal(found, wanted, now)
        if lost and not is_confirmed:
            click.echo(f"{lost}\nNothing was changed: say --yes to do it.")
            return
        keep_for(database, found, wanted, is_confirmed, "operator", now)
    except (BadSettings, QuotaReached) as problem:
        raise StackProblem(str(problem)) from None
    click.echo(f"Messages of {merchant} are kept {'for ever' if wanted is None else f'for {wanted} days'}.")
