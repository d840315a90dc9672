"""`/api/v1/shops/<merchant>/erasures…`: people who are to be forgotten, exports, and receipts."""

from typing import Any

from flask import Response, abort, jsonify, request, url_for
from flask_login import current_user

from contracts.erasures import Erasure, Reach, is_signed
from report_app import erasure_orders
from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.erasure_orders import FIELDS, BadErasure
from report_app.pages.erasures import erasure_or_404, export_answer
from report_app.reading.erasures import has_export, read_erasures
from report_app.services import services
from report_app.times import time_text

_SWITCHES = ("export", "look_first")


@api.get("/shops/<merchant>/erasures")
def erasures(merchant: str) -> Response:
    shop = shop_or_404(merchant)
    return jsonify(shop=shop.id, erasures=[erasure_json(one) for one in read_erasures(services().database, shop.id)])


@api.post("/shops/<merchant>/erasures")
def order_erasure(merchant: str) -> tuple[Response, int]:
    """Body: lists `anonymous_ids`, `user_ids`, `order_ids`; `reach`, `export`, `look_first`. 202: it says itself how far it is."""
    shop, known = shop_or_404(merchant), services()
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not body.keys() <= {*FIELDS, *_SWITCHES, "reach"}:
        raise BadErasure("anonymous_ids", 'Send a JSON object such as {"user_ids": ["u-7"], "export": true}.')
    for name in _SWITCHES:
        if not isinstance(body.get(name, False), bool):
            raise BadErasure(name, "Send true or false.")
    if body.get("reach", Reach.LINKED) not in list(Reach):
        raise BadErasure("reach", "Send linked or named.")
    made = erasure_orders.order(
        known.database,
        known.settings,
        shop.id,
        erasure_orders.ids_of(body),
        current_user.email,
        known.now(),
        Reach(body.get("reach", Reach.LINKED)),
        is_confirmed=not body.get("look_first", False),
        with_export=body.get("export", False),
    )
    return jsonify(shop=shop.id, erasure=erasure_json(made)), 202


@api.get("/shops/<merchant>/erasures/<number>")
def erasure(merchant: str, number: str) -> Response:
    shop = shop_or_404(merchant)
    return jsonify(shop=shop.id, erasure=erasure_json(erasure_or_404(shop, number)))


@api.post("/shops/<merchant>/erasures/<number>/<any(confirm, cancel):decision>")
def decide_erasure(merchant: str, number: str, decision: str) -> Response:
    """409 where it waits for nobody: it is confirmed, or cancelled, already."""
    shop, known = shop_or_404(merchant), services()
    decide = erasure_orders.confirm if decision == "confirm" else erasure_orders.cancel
    if not decide(known.database, erasure_or_404(shop, number), current_user.email, known.now()):
        abort(409)
    return jsonify(shop=shop.id, erasure=erasure_json(erasure_or_404(shop, number)))


@api.get("/shops/<merchant>/erasures/<number>/export")
def export_of_erasure(merchant: str, number: str) -> Response:
    shop = shop_or_404(merchant)
    return export_answer(erasure_or_404(shop, number))


@api.delete("/shops/<merchant>/erasures/<number>/export")
def drop_export(merchant: str, number: str) -> tuple[str, int]:
    shop, known = shop_or_404(merchant), services()
    erasure_orders.drop_export(known.database, erasure_or_404(shop, number), current_user.email, known.now())
    return "", 204


@api.post("/receipts")
def check_receipt() -> Response:
    """Body: a receipt. Whether every word of it is ours, whoever asks."""
    body = request.get_json(silent=True)
    secrets = services().settings.erasure_secrets_by_id()
    return jsonify(is_ours=isinstance(body, dict) and is_signed(body, secrets))


def erasure_json(erasure: Erasure) -> dict[str, Any]:
    """`erasure` is the second half of its id. Ids are counts: nobody knows them any more."""
    number = erasure["_id"].partition("/")[2]
    is_there = has_export(services().database, erasure)
    address = url_for("api.export_of_erasure", merchant=erasure["merchant"], number=number) if is_there else None
    counts: dict[str, int] = {}
    for one in erasure["ids"]:
        counts[one["kind"]] = counts.get(one["kind"], 0) + 1
    kept = {name: erasure[name] for name in ("state", "reach", "is_confirmed", "needs_a_look", "ordered_by")}
    return {
        "erasure": number,
        **kept,
        "ids": counts,
        "found": dict(erasure["found"]),
        "ordered_at": time_text(erasure["ordered_at"]),
        "done_at": time_text(erasure.get("done_at")),
        "export": address,
        "receipt": erasure.get("receipt"),
    }
