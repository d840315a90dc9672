"""The list of a user's shops; one shop alone opens at once."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from report_app.access import shops_of_user

shops = Blueprint("shops", __name__)


@shops.get("/")
@shops.get("/shops/")
@login_required  # type: ignore[untyped-decorator]
def choose() -> ResponseReturnValue:
    found = shops_of_user()
    if len(found) == 1:
        return redirect(url_for("overview.show", merchant=found[0].id))
    return render_template("shops.html", shops=found)
