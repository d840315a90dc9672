"""The list of a user's shops; one shop alone opens at once, except for operators, who find their way to the status here."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from report_app.access import shops_of_user

shops = Blueprint("shops", __name__)


@shops.get("/")
@shops.get("/shops/")
@login_required  # type: ignore[untyped-decorator]
def choose() -> ResponseReturnValue:
    found = shops_of_user()
    if len(found) == 1 and not current_user.is_operator:
        return redirect(url_for("overview.show", merchant=found[0].id))
    return render_template("shops.html", shops=found)
