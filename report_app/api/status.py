"""`/api/v1/status`: the state of the whole platform, for operators."""

from typing import Any

from flask import Response, jsonify

from contracts.alerts import Alert
from contracts.promises import CHECKS
from report_app.access import operator_or_404
from report_app.api.reports import api
from report_app.reading.backups import read_backups
from report_app.reading.promises import BreakView, CheckView, read_alerts, read_breaks, read_checks, standing_of
from report_app.reading.versions import read_versions
from report_app.services import services
from report_app.times import time_text


@api.get("/status")
def status() -> Response:
    """Values and limits are in the unit of their check. 404 for who is no operator."""
    operator_or_404()
    database, now = services().database, services().now()
    checks, backups = read_checks(database, now), read_backups(database, now)
    return jsonify(
        status=standing_of(checks),
        checks={view.name: _check(view) for view in checks},
        breaks=[_break(one) for one in read_breaks(database)],
        alerts=[_alert(one) for one in read_alerts(database)],
        backups={
            "status": backups.health,
            "until": time_text(backups.until),
            "decisions_until": time_text(backups.decisions_until),
            "generations": backups.generations,
        },
        versions=read_versions(database),
    )


def _check(view: CheckView) -> dict[str, Any]:
    declared = CHECKS[view.name]
    return {
        "promise": declared.promise,
        "status": view.standing,
        "unit": declared.unit,
        "is_least": declared.is_least,
        "measures": view.measures,
        "broken": view.broken,
        "since": time_text(view.since),
        "looked_at": time_text(view.looked_at),
    }


def _break(one: BreakView) -> dict[str, Any]:
    return {
        "check": one.check,
        "sentence": one.sentence,
        "since": time_text(one.since),
        "until": time_text(one.until),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert["_id"],
        "at": time_text(alert["at"]),
        "checks": alert["checks"],
        "broke": alert["broke_count"],
        "mended": alert["mended_count"],
        "roads": {road: sending["state"] for road, sending in alert["roads"].items()},
    }
