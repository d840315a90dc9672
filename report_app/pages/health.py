"""Health of this process, readiness of what it needs, and the page of the API's error codes."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from pymongo.errors import PyMongoError

from report_app.attempts import ensure_index
from report_app.reading.backups import BackupHealth, read_backups
from report_app.reading.promises import Standing, read_checks, standing_of
from report_app.services import services
from report_app.standing_in import refusing
from report_app.times import time_text

health = Blueprint("health", __name__)

API_ERRORS = (
    ("not_signed_in", "Nobody is signed in.", "Sign in at /sign-in first and send the session's cookie."),
    ("not_found", "There is no such shop or page for this user.", "Use the id of one of your own shops."),
    ("bad_rule", "The rule cannot be made so.", "The field and the sentence of the answer say what to change."),
    ("bad_range", "The range could not be read.", "Use range=today, yesterday, 7d, 28d, 90d, month, or from and to."),
    (
        "stale_form",
        "The token of a form is missing or old.",
        "Send the header X-CSRFToken with the token of a page of the session.",
    ),
    (
        "bad_settings",
        "The settings of the shop cannot be changed so.",
        "The field and the sentence of the answer say what to change.",
    ),
    ("bad_webhook", "There can be no such webhook, or it is off.", "The sentence of the answer says why."),
    (
        "bad_erasure",
        "Nobody can be forgotten so.",
        "The field and the sentence of the answer say what to change; no id is repeated.",
    ),
    ("too_late", "This was decided already.", "Read it again to see how it stands."),
    ("quota", "This was asked for too often for this shop.", "Ask again in the next hour."),
    ("not_set_up", "A setting that this needs is missing.", "Tell the operator."),
    ("unavailable", "The database is away.", "Try again after some seconds."),
    (
        "read_only",
        "The main database is away: answers come from a backup, and nothing can be changed.",
        "Try again after the seconds of Retry-After.",
    ),
    ("internal", "Something failed on our side.", "Try again; when it stays so, tell the operator."),
)


@health.get("/health")
def alive() -> ResponseReturnValue:
    """The process answers, and what from."""
    return jsonify(status="ok", **refusing.health())


@health.get("/ready")
def ready() -> ResponseReturnValue:
    """The database answers, or a backup in its place."""
    try:
        known = services()
        known.database.command("ping")
        if known.shown is None:
            ensure_index(known.database)
    except PyMongoError as error:
        return jsonify(status="not ready", why=f"the database does not answer: {type(error).__name__}"), 503
    return jsonify(status="ready", **refusing.health())


@health.get("/health/promises")
def promises() -> ResponseReturnValue:
    """Whether every promise that `watch_promises` looks after is kept; names no shop, since nobody is signed in.

    Unknown where it has not looked for a while: whoever asks is to hear that nobody watches.
    """
    checks = read_checks(services().database, services().now())
    body = {
        view.name: {"broken": view.broken, "since": time_text(view.since)}
        for view in checks
        if view.standing is Standing.BROKEN
    }
    standing = standing_of(checks)
    return jsonify(status=standing, promises=body), 200 if standing is Standing.KEPT else 503


@health.get("/health/backups")
def backups() -> ResponseReturnValue:
    """Whether the backups were well when `watch_promises` last looked; names no shop, and nothing that is in them."""
    view = read_backups(services().database, services().now())
    body = {
        "status": view.health,
        "until": time_text(view.until),
        "decisions_until": time_text(view.decisions_until),
        "generations": view.generations,
        "seen_at": time_text(view.seen_at),
    }
    return jsonify(body), 200 if view.health is BackupHealth.KEPT else 503


@health.get("/api/errors")
def api_errors() -> ResponseReturnValue:
    return render_template("api_errors.html", errors=API_ERRORS)
