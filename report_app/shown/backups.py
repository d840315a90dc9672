"""Backups in words."""

from report_app.formats import Formats
from report_app.reading.backups import BackupHealth, BackupView

_REMARKS = {
    BackupHealth.KEPT: "",
    BackupHealth.BROKEN: "The next copy is overdue or was not sound. Whoever runs the platform has been told.",
    BackupHealth.UNKNOWN: "Whether this still holds is not known at the moment.",
}


def shown_backups(view: BackupView, formats: Formats) -> list[str]:
    """Sentences."""
    if view.until is None:
        return ["There is no proven copy yet; the first is made at night."]
    found = [f"The newest proven copy of everything is of {formats.moment(view.until)}."]
    if view.decisions_until is not None:
        found.append(f"Users, rules and decisions are copied up to {formats.moment(view.decisions_until)}.")
    return [*found, *filter(None, [_REMARKS[view.health]])]
