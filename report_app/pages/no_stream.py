"""Where no stream is served: without NGINX an open page asks the report app itself for one."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import login_required

from report_app.access import shop_or_404

no_stream = Blueprint("no_stream", __name__)


@no_stream.get("/shops/<merchant>/live")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    """204 tells a browser that there is no stream: the page goes on asking for changes."""
    shop_or_404(merchant)
    return "", 204
