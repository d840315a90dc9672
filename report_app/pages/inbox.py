"""The error inbox: what could not be used, by cause, and what a person decides about it."""

import re

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from repairs.shop_rules import BadRule
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import part_address, shop_page
from report_app.reading.inbox import Cause, read_cause, read_causes, sample_texts
from report_app.reading.merchants import Merchant
from report_app.reading.rehearsals import newest_rehearsal
from report_app.rehearsal_orders import rehearse
from report_app.repair_orders import ask, asked_rule, stop
from report_app.services import services
from report_app.shown.inbox import shown_cause
from report_app.shown.masking import masked_lines
from report_app.shown.rehearsals import shown_rehearsal

inbox = Blueprint("inbox", __name__)
REHEARSE = "rehearse"
_CAUSE_ID = re.compile(r"[0-9a-f]{20}")


@inbox.get("/shops/<merchant>/inbox")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    formats = formats_for(shop)
    causes = [shown_cause(cause, formats) for cause in read_causes(services().database, shop.id)]
    return shop_page("inbox", shop, causes=causes, refresh=part_address())


@inbox.get("/shops/<merchant>/inbox/<cause>")
@login_required  # type: ignore[untyped-decorator]
def show_cause(merchant: str, cause: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    return _cause_page(shop, cause_or_404(shop, cause))


@inbox.post("/shops/<merchant>/inbox/<cause>")
@login_required  # type: ignore[untyped-decorator]
def decide(merchant: str, cause: str) -> ResponseReturnValue:
    """Writes what was decided, for reprocess_errors to carry out, or what is to be rehearsed."""
    shop = shop_or_404(merchant)
    found = cause_or_404(shop, cause)
    try:
        if request.form.get("step") == REHEARSE:
            return redirect(_rehearse(shop, found), 303)
        _decide(shop, found, request.form.get("action", ""))
    except BadRule as bad:
        page = _cause_page(shop, found, bad)
        page.status_code = 400
        return page
    return redirect(url_for("inbox.show_cause", merchant=shop.id, cause=found.id), 303)


def _decide(shop: Merchant, cause: Cause, action: str) -> None:
    known, who = services(), current_user.email
    if action == "stop":
        stop(known.database, shop.id, cause, who, known.now())
        return
    ask(known.database, shop.id, cause, asked_rule(request.form), who, known.now())


def _rehearse(shop: Merchant, cause: Cause) -> str:
    """The address of the rehearsal."""
    known, rule = services(), asked_rule(request.form)
    quota = known.settings.request_quota_per_hour
    asked = rehearse(known.database, shop.id, cause, rule, current_user.email, known.now(), quota)
    digest = asked["_id"].partition("/")[2]
    return url_for("inbox.show_rehearsal", merchant=shop.id, cause=cause.id, digest=digest)


def cause_or_404(shop: Merchant, cause: str) -> Cause:
    """Another shop's cause does not exist."""
    found = read_cause(services().database, shop.id, cause) if _CAUSE_ID.fullmatch(cause) else None
    if found is None:
        abort(404)
    return found


def _cause_page(shop: Merchant, cause: Cause, bad: BadRule | None = None) -> Response:
    database, formats = services().database, formats_for(shop)
    texts = sample_texts(database, shop.id, cause.id)
    rehearsal = newest_rehearsal(database, shop.id, cause.id)
    return shop_page(
        "cause",
        shop,
        cause=shown_cause(cause, formats),
        rehearsal=shown_rehearsal(rehearsal, formats) if rehearsal else None,
        samples=[masked_lines(text) for text in texts],
        field=cause.field or "",
        event=cause.event or "",
        form=request.form if bad else {},
        bad=bad,
    )
