"""Forgetting a person: the order on a page, what was found, the export, and the receipt."""

import re

from flask import Blueprint, Response, abort, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from contracts.erasures import Erasure, Reach
from report_app import erasure_orders
from report_app.access import formats_for, shop_or_404
from report_app.erasure_orders import FIELDS, BadErasure
from report_app.pages.frame import shop_page
from report_app.reading.erasures import has_export, read_erasure, read_erasures, read_export
from report_app.reading.merchants import Merchant
from report_app.services import services
from report_app.shown.erasures import shown_erasure

erasures = Blueprint("erasures", __name__)
_NUMBER = re.compile(r"[0-9a-f]{12}")


@erasures.get("/shops/<merchant>/people")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    return _page(shop_or_404(merchant))


@erasures.post("/shops/<merchant>/people")
@login_required  # type: ignore[untyped-decorator]
def order(merchant: str) -> ResponseReturnValue:
    """One id a line. What cannot be ordered is said; what was typed is not shown again."""
    shop, known = shop_or_404(merchant), services()
    lines = {field: request.form.get(field, "").splitlines() for field in FIELDS}
    try:
        erasure_orders.order(
            known.database,
            known.settings,
            shop.id,
            erasure_orders.ids_of({field: [line for line in some if line.strip()] for field, some in lines.items()}),
            current_user.email,
            known.now(),
            Reach.NAMED if request.form.get("reach") == Reach.NAMED else Reach.LINKED,
            is_confirmed=request.form.get("action") == "forget",
            with_export="export" in request.form,
        )
    except BadErasure as bad:
        page = _page(shop, bad)
        page.status_code = 400
        return page
    return redirect(url_for("erasures.show", merchant=shop.id, _anchor="orders-title"), 303)


@erasures.post("/shops/<merchant>/people/<number>")
@login_required  # type: ignore[untyped-decorator]
def decide(merchant: str, number: str) -> ResponseReturnValue:
    shop, known = shop_or_404(merchant), services()
    found = erasure_or_404(shop, number)
    action = request.form.get("action", "")
    if action not in ("confirm", "cancel", "drop"):
        abort(400)
    decisions = {"confirm": erasure_orders.confirm, "cancel": erasure_orders.cancel, "drop": erasure_orders.drop_export}
    decisions[action](known.database, found, current_user.email, known.now())
    return redirect(url_for("erasures.show", merchant=shop.id, _anchor="orders-title"), 303)


@erasures.get("/shops/<merchant>/people/<number>/export.json")
@login_required  # type: ignore[untyped-decorator]
def export(merchant: str, number: str) -> ResponseReturnValue:
    return export_answer(erasure_or_404(shop_or_404(merchant), number))


@erasures.get("/shops/<merchant>/people/<number>/receipt.json")
@login_required  # type: ignore[untyped-decorator]
def receipt(merchant: str, number: str) -> ResponseReturnValue:
    found = erasure_or_404(shop_or_404(merchant), number)
    return jsonify(found.get("receipt") or abort(404))


def erasure_or_404(shop: Merchant, number: str) -> Erasure:
    """Another shop's erasure does not exist."""
    found = read_erasure(services().database, shop.id, number) if _NUMBER.fullmatch(number) else None
    return found or abort(404)


def export_answer(erasure: Erasure) -> Response:
    """The file; no browser and no proxy keeps it."""
    known = services()
    if not has_export(known.database, erasure):
        abort(404)
    secret = known.settings.erasure_secrets_by_id()[erasure["key"]]
    answer = Response(read_export(known.database, erasure, secret), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{erasure["_id"].partition("/")[2]}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(shop: Merchant, bad: BadErasure | None = None) -> Response:
    known, formats = services(), formats_for(shop)
    found = read_erasures(known.database, shop.id)
    shown = [shown_erasure(one, has_export(known.database, one), formats) for one in found]
    return shop_page("people", shop, erasures=shown, bad=bad)
