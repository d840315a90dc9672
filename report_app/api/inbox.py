"""`/api/v1/shops/<merchant>/inbox` and `/inbox/<cause>`: the error inbox, for programs. Nothing of a message is in it."""

from typing import Any

from flask import Response, jsonify

from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.pages.frame import with_etag
from report_app.pages.inbox import cause_or_404
from report_app.reading.inbox import Cause, read_causes
from report_app.services import services
from report_app.shown.inbox import explained


@api.get("/shops/<merchant>/inbox")
def inbox(merchant: str) -> Response:
    shop = shop_or_404(merchant)
    causes = [_json(cause) for cause in read_causes(services().database, shop.id)]
    return with_etag(jsonify(shop=shop.id, causes=causes))


@api.get("/shops/<merchant>/inbox/<cause>")
def cause(merchant: str, cause: str) -> Response:
    shop = shop_or_404(merchant)
    return with_etag(jsonify(shop=shop.id, cause=_json(cause_or_404(shop, cause))))


def _json(cause: Cause) -> dict[str, Any]:
    sentence, fix = explained(cause.code)
    return {
        "id": cause.id,
        "code": cause.code,
        "field": cause.field,
        "event": cause.event,
        "sentence": sentence,
        "fix": fix,
        "waiting": cause.waiting,
        "by_status": {str(status): count for status, count in cause.by_status.items()},
        "without_document": cause.counted,
        "first_seen": cause.first_seen or None,
        "last_seen": cause.last_seen or None,
        "rule": (cause.rule or {}).get("rule"),
        "replay": ((cause.rule or {}).get("replay") or {}).get("state"),
    }
