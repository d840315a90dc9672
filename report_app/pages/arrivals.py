"""Messages as they arrive: the page that a stream of `report_app.live` fills."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.keys import KeyKind
from report_app.access import shop_or_404
from report_app.arrivals.recent import SHOWN
from report_app.pages.frame import Choice, shop_page
from report_app.pages.keys import snippet

arrivals = Blueprint("arrivals", __name__)
_CHOICES = (("", "All keys"), (KeyKind.PAGE, "Page key"), (KeyKind.SERVER, "Server key"))


@arrivals.get("/shops/<merchant>/arrivals")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    kind = request.args.get("key", "")
    kind = kind if kind in set(KeyKind) else ""
    choices = [
        Choice(label, url_for("arrivals.show", merchant=shop.id, key=name or None), name == kind)
        for name, label in _CHOICES
    ]
    return shop_page(
        "arrivals",
        shop,
        stream=url_for("no_stream.show", merchant=shop.id, watch=kind or "all"),
        here=url_for("arrivals.show", merchant=shop.id, key=kind or None),
        choices=choices,
        most=SHOWN,
        snippet=snippet(shop),
    )
