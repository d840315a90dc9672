"""`footfall people`: have somebody forgotten, see how far that is, and save what was held about them."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from pymongo.database import Database
from rich.console import Console
from rich.table import Table

from contracts.erasures import Erasure, ErasureState, Reach
from contracts.names import Collection
from contracts.settings import Settings
from report_app import erasure_orders
from report_app.erasure_orders import FIELDS, BadErasure
from report_app.reading.erasures import has_export, read_erasure, read_erasures, read_export
from stack.database import open_database
from stack.local import recorded_settings
from stack.problems import StackProblem

Document = dict[str, Any]
_WORDS = {"browser": "anonymous_ids", "user": "user_ids", "order": "order_ids"}


@click.group("people")
def people_group() -> None:
    """Forget people of a shop; see what became of it."""


@people_group.command("forget")
@click.argument("shop")
@click.option("--by", "who", required=True, help="Who orders it; stands in the record of decisions.")
@click.option("--only", is_flag=True, help="Only these ids, not what belongs to them.")
@click.option("--look-first", is_flag=True, help="Nothing goes before `footfall people confirm`.")
@click.option("--export", "with_export", is_flag=True, help="First keep a file of everything that is held.")
def forget(shop: str, who: str, only: bool, look_first: bool, with_export: bool) -> None:
    """Forget a person, whose ids are read from the standard input: `user ID`, `order ID` or `browser ID` on a line each.

    They are not arguments, since every user of the machine can see those.

    Example: echo 'user u-7' | footfall people forget lamps --by anna@lamps.example --export
    """
    settings, database = _opened(shop)
    try:
        ids = erasure_orders.ids_of(_named(sys.stdin.read()))
    except BadErasure as bad:
        raise StackProblem(str(bad)) from bad
    reach, now = Reach.NAMED if only else Reach.LINKED, datetime.now(UTC)
    made = erasure_orders.order(database, settings, shop, ids, who, now, reach, not look_first, with_export)
    click.echo(f"Ordered as {made['_id'].partition('/')[2]}: `footfall people list {shop}` says how far it is.")


@people_group.command("list")
@click.argument("shop")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON list.")
def list_(shop: str, as_json: bool) -> None:
    """List what was ordered for a shop, newest first.

    Example: footfall people list lamps
    """
    _, database = _opened(shop)
    found = read_erasures(database, shop)
    if as_json:
        click.echo(json.dumps(found, indent=1, default=str))
        return
    table = Table("order", "state", "by", "ordered", "ids", "messages", "remark", box=None)
    for one in found:
        ordered, rows = f"{one['ordered_at']:%Y-%m-%d %H:%M:%S}", one["found"].get("archive", "")
        number = one["_id"].partition("/")[2]
        table.add_row(number, one["state"], one["ordered_by"], ordered, str(len(one["ids"])), str(rows), _remark(one))
    Console().print(table)


def _remark(erasure: Erasure) -> str:
    if failure := erasure.get("failure"):
        return f"failed ({failure}), and is tried again: see the last runs of forget_people"
    if erasure["needs_a_look"]:
        return "so many ids that a person must look: confirm or cancel"
    return "confirm or cancel" if erasure["state"] == ErasureState.FOUND and not erasure["is_confirmed"] else ""


@people_group.command("confirm")
@click.argument("shop")
@click.argument("number")
@click.option("--by", "who", required=True, help="Who decides.")
def confirm(shop: str, number: str, who: str) -> None:
    """Go on with one that only looked.

    Example: footfall people confirm lamps 5d0c3f0b7a11 --by anna@lamps.example
    """
    _decide(shop, number, who, erasure_orders.confirm)


@people_group.command("cancel")
@click.argument("shop")
@click.argument("number")
@click.option("--by", "who", required=True, help="Who decides.")
def cancel(shop: str, number: str, who: str) -> None:
    """End one that only looked, and change nothing.

    Example: footfall people cancel lamps 5d0c3f0b7a11 --by anna@lamps.example
    """
    _decide(shop, number, who, erasure_orders.cancel)


def _decide(
    shop: str, number: str, who: str, decide: Callable[[Database[Document], Erasure, str, datetime], bool]
) -> None:
    _, database = _opened(shop)
    if not decide(database, _erasure(database, shop, number), who, datetime.now(UTC)):
        raise StackProblem("It waits for nobody: it is confirmed, or cancelled, already.")


@people_group.command("export")
@click.argument("shop")
@click.argument("number")
def export(shop: str, number: str) -> None:
    """Write everything that was held about a person to the standard output, as JSON.

    Example: footfall people export lamps 5d0c3f0b7a11 > person.json
    """
    settings, database = _opened(shop)
    erasure = _erasure(database, shop, number)
    if not has_export(database, erasure):
        raise StackProblem("There is no file of it: none was asked for, it is not made yet, or it is gone.")
    for piece in read_export(database, erasure, settings.erasure_secrets_by_id()[erasure["key"]]):
        sys.stdout.buffer.write(piece)


def _opened(shop: str) -> tuple[Settings, Database[Document]]:
    settings = recorded_settings(os.environ)
    database = open_database(settings)
    if database[Collection.MERCHANTS].find_one({"_id": shop}, {"_id": 1}) is None:
        raise StackProblem(f"There is no shop {shop}.")
    return settings, database


def _erasure(database: Database[Document], shop: str, number: str) -> Erasure:
    found = read_erasure(database, shop, number)
    if found is None:
        raise StackProblem(f"{shop} has no order {number}: `footfall people list {shop}` shows those there are.")
    return found


def _named(text: str) -> dict[str, list[str]]:
    """Lists of texts by field. Raises BadErasure where a line begins with another word; the line is not repeated."""
    found: dict[str, list[str]] = {field: [] for field in FIELDS}
    for line in filter(str.strip, text.splitlines()):
        word, _, id_ = line.strip().partition(" ")
        if word not in _WORDS:
            raise BadErasure("user_ids", "Each line is `user ID`, `order ID` or `browser ID`.")
        found[_WORDS[word]].append(id_)
    return found
