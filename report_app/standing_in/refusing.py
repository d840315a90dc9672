"""While a backup is shown: changes are refused, every answer says what it was read from, and a request that met the loss is
answered once more.
"""

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from pymongo.errors import ConnectionFailure

from backups.standing_in import GenerationGone, ReadOnly
from report_app.services import forget_services, outside, services
from report_app.shown.standing_in import backup_line
from report_app.standing_in.choosing import Shown
from report_app.times import time_text

BACKUP_OF, AWAY_SINCE = "Footfall-Backup-Of", "Footfall-Away-Since"
RETRY_SECONDS = 30
_READS = ("GET", "HEAD", "OPTIONS")
_CHANGES_NOTHING = frozenset(
    {"sign_in.sign_in", "sign_in.sign_out", "shop_settings.show_server_key", "order_webhooks.ask"}
)
"""Posted, and no change of anything that is stored."""


def install(app: Flask) -> None:
    app.before_request(_refuse_changes)
    app.after_request(_with_facts)
    app.context_processor(lambda: {"shown_backup": shown_here() if "services" in g else outside().choice.known()})
    app.jinja_env.filters["backup_line"] = backup_line


def shown_here() -> Shown | None:
    """Of this request; None where it has not asked for a database."""
    return g.services.shown if "services" in g else None


def etag_salt() -> bytes:
    """So that no answer of one source is taken for one of the other."""
    shown = shown_here()
    return f"backup of {shown.of.isoformat()}".encode() if shown else b""


def is_met_by_loss(error: Exception) -> bool:
    """The request only reads, and met a database or a generation that has gone: it may be answered once more."""
    is_loss = isinstance(error, ConnectionFailure | GenerationGone)
    return is_loss and _only_reads() and "is_again" not in g


def again(error: Exception) -> ResponseReturnValue:
    """The answer of this request, from the database that is there now."""
    app = current_app
    g.is_again = True
    g.pop("_login_user", None)
    forget_services()
    if isinstance(error, GenerationGone):
        outside().choice.look_anew()
    try:
        answer: ResponseReturnValue | None = app.preprocess_request()
        return app.dispatch_request() if answer is None else answer
    except Exception as failure:
        return app.handle_user_exception(failure)


def _only_reads() -> bool:
    return request.method in _READS or request.endpoint in _CHANGES_NOTHING


def _refuse_changes() -> None:
    if request.endpoint is not None and not _only_reads() and services().shown:
        raise ReadOnly(f"{request.method} {request.endpoint}")


def _with_facts(response: Response) -> Response:
    if shown := shown_here():
        response.headers[BACKUP_OF] = time_text(shown.of)
        response.headers[AWAY_SINCE] = time_text(shown.away_since)
    return response


def health() -> dict[str, str | None]:
    """What requests are answered from."""
    shown = outside().choice.known()
    if shown is None:
        return {"reads": "main"}
    return {"reads": "backup", "backup_of": time_text(shown.of), "away_since": time_text(shown.away_since)}
