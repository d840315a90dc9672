"""The definition of every number shown."""

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contracts.reports import DEFINITION_VERSION
from report_app.access import shops_of_user
from report_app.definitions import DEFINITIONS
from report_app.pages.frame import pages_of
from report_app.reading.merchants import Merchant

numbers = Blueprint("numbers", __name__)


@numbers.get("/numbers")
def show() -> ResponseReturnValue:
    """Readable by everyone: it holds no number of any shop."""
    shop = _shop_of_reader()
    return render_template(
        "numbers.html",
        definitions=DEFINITIONS,
        version=DEFINITION_VERSION,
        shop=shop,
        pages=pages_of(shop),
        has_other_shops=shop is not None and len(current_user.merchants) > 1,
    )


def _shop_of_reader() -> Merchant | None:
    """The shop that a signed-in reader looked at last, or the first of theirs: its pages stand in the navigation."""
    own = shops_of_user() if current_user.is_authenticated else []
    return next((shop for shop in own if shop.id == session.get("shop")), own[0] if own else None)
