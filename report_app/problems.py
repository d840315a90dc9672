"""Exceptions as answers: the one place where a status code and its words are chosen."""

import logging

from flask import Flask, Response, current_app, jsonify, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from backups.standing_in import ReadOnly
from contracts.settings import SettingsError
from outgoing.addresses import BadWebhook
from repairs.shop_rules import BadRule
from report_app.erasure_orders import BadErasure
from report_app.reading.ranges import BadRange
from report_app.setting_orders import BadSettings
from report_app.standing_in import refusing
from report_app.tickets.ordering import QuotaReached
from report_app.webhooks.decisions import TooOften

log = logging.getLogger("report_app.problems")
Answer = tuple[str | Response, int] | AnyResponse

_WORDS = {
    400: ("bad_request", "This request could not be read.", "Go back and try again."),
    404: ("not_found", "There is no such page.", "It may belong to another shop, or its address has changed."),
    409: ("too_late", "This was decided already.", "Load the page again to see how it stands."),
    405: ("method_not_allowed", "This page cannot be used that way.", "Go back and try again."),
    429: ("too_many_attempts", "Too many attempts.", "Wait 15 minutes, then try again."),
    500: ("internal", "Something failed on our side.", "Your data is safe. Try again in a minute."),
    503: ("unavailable", "The numbers cannot be read right now.", "Your data is safe. Try again in a minute."),
}


def install(app: Flask) -> None:
    app.register_error_handler(BadRange, _bad_range)
    app.register_error_handler(BadRule, _bad_rule)
    app.register_error_handler(QuotaReached, _quota_reached)
    app.register_error_handler(BadSettings, _bad_settings)
    app.register_error_handler(BadWebhook, _bad_webhook)
    app.register_error_handler(BadErasure, _bad_erasure)
    app.register_error_handler(TooOften, _too_often)
    app.register_error_handler(SettingsError, _not_set_up)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(ReadOnly, _read_only)
    app.register_error_handler(PyMongoError, _database_away)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def is_api() -> bool:
    return request.path.startswith("/api/")


def problem(status: int, code: str, sentence: str, what_now: str, field: str | None = None) -> Answer:
    """JSON {code, field, sentence, link} under /api/, a page elsewhere."""
    if is_api():
        link = url_for("health.api_errors", _anchor=code)
        return jsonify(code=code, field=field, sentence=sentence, link=link), status
    template = current_app.jinja_env.get_template("problem.html")  # without the context that asks the database
    is_known, shown = "_user_id" in session, refusing.shown_here()
    return template.render(sentence=sentence, what_now=what_now, is_known=is_known, shown_backup=shown), status


def _bad_range(error: BadRange) -> Answer:
    return problem(400, "bad_range", str(error), "Choose another range.", error.field)


def _bad_rule(error: BadRule) -> Answer:
    return problem(400, "bad_rule", str(error), "Choose another rule.", error.field)


def _quota_reached(error: QuotaReached) -> Answer:
    sentence = f"{error} too often in this hour."
    return problem(429, "quota", sentence, "What was asked for is being computed. Ask again in the next hour.")


def _bad_settings(error: BadSettings) -> Answer:
    return problem(400, "bad_settings", str(error), "Go back and change it.", error.field)


def _bad_webhook(error: BadWebhook) -> Answer:
    return problem(400, "bad_webhook", str(error), "Go back and change it.", "url")


def _bad_erasure(error: BadErasure) -> Answer:
    return problem(400, "bad_erasure", str(error), "Go back and change it.", error.field)


def _too_often(error: TooOften) -> Answer:
    sentence = "The webhooks of this shop were changed or tested too often in this hour."
    return problem(429, "quota", sentence, "Try again in the next hour.")


def _not_set_up(error: SettingsError) -> Answer:
    log.error("not set up: %s", error)
    return problem(503, "not_set_up", "This is not set up yet.", "Tell the operator: the log says what is missing.")


def _stale_form(error: CSRFError) -> Answer:
    return problem(400, "stale_form", "This form was open for too long.", "Load the page again and repeat it.")


def _read_only(error: ReadOnly) -> Answer:
    log.info("refused while a backup is shown: %s", error)
    what_now = "Nothing was lost. Try again when the main database is back; the line above the numbers goes then."
    answer = make_response(problem(503, "read_only", "Nothing can be changed right now.", what_now))
    answer.headers["Retry-After"] = str(refusing.RETRY_SECONDS)
    return answer


def _database_away(error: PyMongoError) -> ResponseReturnValue:
    log.error("database away: %s", type(error).__name__)
    if refusing.is_met_by_loss(error):
        return refusing.again(error)
    answer = make_response(problem(503, *_WORDS[503]))
    answer.headers["Retry-After"] = str(refusing.RETRY_SECONDS)
    return answer


def _http(error: HTTPException) -> Answer:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 401 and not is_api():
        return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
    if error.code == 401:
        return problem(401, "not_signed_in", "Nobody is signed in.", "Sign in first.")
    return problem(error.code, *_WORDS.get(error.code, _WORDS[400]))


def _unexpected(error: Exception) -> Answer:
    log.exception("unexpected: path=%s", request.path)
    return problem(500, *_WORDS[500])
