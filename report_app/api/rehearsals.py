"""`/api/v1/shops/<merchant>/inbox/<cause>/rehearsals` and `…/replays`: what a rule would change, and the replay with it."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask_login import current_user

from contracts.money import decimal_text
from contracts.rehearsals import DayDifference, Rehearsal, Result
from repairs.shop_rules import BadRule, ShopRule
from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.pages.frame import with_etag
from report_app.pages.inbox import cause_or_404
from report_app.pages.rehearsals import rehearsal_or_404
from report_app.rehearsal_orders import rehearse
from report_app.repair_orders import ask, asked_rule
from report_app.services import services
from report_app.shown.rehearsals import amount
from report_app.times import time_text

_AMOUNTS = ("sales", "refunds", "cancelled", "net")


@api.post("/shops/<merchant>/inbox/<cause>/rehearsals")
def ask_rehearsal(merchant: str, cause: str) -> tuple[Response, int]:
    """Body: a rule. 202: the rehearsal says itself how far it is."""
    shop = shop_or_404(merchant)
    known, found, rule = services(), cause_or_404(shop, cause), _rule_of_body()
    quota = known.settings.request_quota_per_hour
    asked = rehearse(known.database, shop.id, found, rule, current_user.email, known.now(), quota)
    return jsonify(shop=shop.id, rehearsal=rehearsal_json(asked)), 202


@api.get("/shops/<merchant>/inbox/<cause>/rehearsals/<digest>")
def rehearsal(merchant: str, cause: str, digest: str) -> Response:
    shop = shop_or_404(merchant)
    found = rehearsal_or_404(shop, cause_or_404(shop, cause), digest)
    return with_etag(jsonify(shop=shop.id, rehearsal=rehearsal_json(found)))


@api.post("/shops/<merchant>/inbox/<cause>/replays")
def ask_replay(merchant: str, cause: str) -> tuple[Response, int]:
    """Body: a rule, which is the cause's from now on. 202: the cause says when it was carried out."""
    shop = shop_or_404(merchant)
    known, found, rule = services(), cause_or_404(shop, cause), _rule_of_body()
    ask(known.database, shop.id, found, rule, current_user.email, known.now())
    return jsonify(shop=shop.id, cause=found.id, replay="asked"), 202


def _rule_of_body() -> ShopRule | None:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise BadRule("action", 'Send a JSON object such as {"action": "set_field", "field": "…", "to": "…"}.')
    return asked_rule(body)


def rehearsal_json(found: Rehearsal) -> dict[str, Any]:
    """Amounts are decimal strings in the shop's currency, times ISO 8601 in UTC."""
    times = {name: _time(dict(found)[name]) for name in ("asked_at", "changed_at", "complete_until")}
    kept = {name: dict(found)[name] for name in ("rule", "state", "attempts")}
    result = None if found["result"] is None else _result_json(found["result"])
    return {"rehearsal": found["_id"].partition("/")[2]} | kept | times | {"result": result}


def _result_json(result: Result) -> dict[str, Any]:
    days = [_day_json(day, result["currency"]) for day in result["days"]]
    return {"currency": result["currency"], "messages": result["messages"], "days": days}


def _day_json(day: DayDifference, currency: str) -> dict[str, Any]:
    amounts = {name: decimal_text(amount(day, name), currency) for name in _AMOUNTS}
    without_rate = {code: decimal_text(minor, code) for code, minor in day["without_rate"].items()}
    return dict(day) | amounts | {"without_rate": without_rate}


def _time(instant: Any) -> str | None:
    return time_text(instant) if isinstance(instant, datetime) else None
