"""The definition of every number shown."""

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contracts.reports import DEFINITION_VERSION
from report_app.definitions import DEFINITIONS
from report_app.pages.frame import pages_of
from report_app.reading.merchants import merchants_by_id
from report_app.services import services

numbers = Blueprint("numbers", __name__)


@numbers.get("/numbers")
def show() -> ResponseReturnValue:
    """Readable by everyone: it holds no number of any shop."""
    shop = None
    wanted = session.get("shop")
    if wanted and current_user.is_authenticated and wanted in current_user.merchants:
        shop = merchants_by_id(services().database, [wanted]).get(wanted)
    return render_template(
        "numbers.html",
        definitions=DEFINITIONS,
        version=DEFINITION_VERSION,
        shop=shop,
        pages=pages_of(shop),
        has_other_shops=shop is not None and len(current_user.merchants) > 1,
    )
