"""The state of the whole platform, for operators: it names shops, so nobody else sees it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from report_app.access import operator_or_404, shop_of_reader
from report_app.formats import Formats, formats_without_shop
from report_app.pages.frame import pages_of
from report_app.reading.backups import read_backups
from report_app.reading.promises import (
    WORST_FIRST,
    CheckView,
    Standing,
    read_alerts,
    read_breaks,
    read_broken,
    read_checks,
    standing_of,
)
from report_app.reading.versions import read_versions
from report_app.services import services
from report_app.shown.backups import shown_backups
from report_app.shown.status import ShownCheck, shown_alert, shown_break, shown_check, shown_standing

status = Blueprint("status", __name__)


@status.get("/status")
@login_required  # type: ignore[untyped-decorator]
def show() -> ResponseReturnValue:
    operator_or_404()
    database, now, shop = services().database, services().now(), shop_of_reader()
    formats = formats_without_shop(current_user.locale)
    checks = read_checks(database, now)
    tone, sentence = shown_standing(standing_of(checks))
    return render_template(
        "status.html",
        tone=tone,
        sentence=sentence,
        at=formats.moment(now, with_seconds=True),
        checks=[_shown(view, formats) for view in sorted(checks, key=lambda view: WORST_FIRST.index(view.standing))],
        breaks=[shown_break(one, formats) for one in read_breaks(database)],
        alerts=[shown_alert(one, formats) for one in read_alerts(database)],
        backups=shown_backups(read_backups(database, now), formats),
        versions=read_versions(database),
        shop=shop,
        pages=pages_of(shop),
        has_other_shops=len(current_user.merchants) > 1,
    )


def _shown(view: CheckView, formats: Formats) -> ShownCheck:
    sentences = read_broken(services().database, view.name) if view.standing is Standing.BROKEN else []
    return shown_check(view, sentences, formats)
