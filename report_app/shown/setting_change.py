"""The change of a shop's settings that is on its way, in words."""

from dataclasses import dataclass

from contracts.shop_settings import ChangeState, NextSettings
from report_app.formats import Formats


@dataclass(frozen=True, slots=True)
class ShownChange:
    """`note` says how far it is; `has_failed`: nothing goes on by itself."""

    time_zone: str
    currency: str
    note: str
    has_failed: bool


def shown_change(change: NextSettings | None, formats: Formats) -> ShownChange | None:
    if change is None:
        return None
    has_failed = change["state"] == ChangeState.FAILED
    return ShownChange(change["time_zone"], change["currency"], _note(change, formats), has_failed)


def _note(change: NextSettings, formats: Formats) -> str:
    if change["state"] == ChangeState.FAILED:
        return (
            "The reports could not be built in three attempts. Nothing has changed for you. Cancel the change, then order it "
            "anew; if it fails again, whoever runs Footfall finds the cause in the logs of change_settings."
        )
    if change["state"] == ChangeState.ORDERED or not change["scopes"]:
        return "It begins as soon as the messages that came before it are counted: usually within a minute."
    done, of = formats.count(change["computed"]), formats.count(change["scopes"])
    return f"{done} of {of} hours and days are built."
