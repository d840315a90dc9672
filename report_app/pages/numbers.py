"""The definition of every number shown."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contracts.reports import DEFINITION_VERSION
from report_app.access import shop_of_reader
from report_app.definitions import DEFINITIONS
from report_app.pages.frame import pages_of

numbers = Blueprint("numbers", __name__)


@numbers.get("/numbers")
def show() -> ResponseReturnValue:
    """Readable by everyone: it holds no number of any shop."""
    shop = shop_of_reader()
    return render_template(
        "numbers.html",
        definitions=DEFINITIONS,
        version=DEFINITION_VERSION,
        shop=shop,
        pages=pages_of(shop),
        has_other_shops=shop is not None and len(current_user.merchants) > 1,
    )
