"""What a rule would change: the page of a rehearsal, on the addresses of the inbox."""

import re

from flask import abort
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.rehearsals import Rehearsal
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import part_address, shop_page
from report_app.pages.inbox import cause_or_404, inbox
from report_app.reading.inbox import Cause
from report_app.reading.merchants import Merchant
from report_app.reading.rehearsals import read_rehearsal
from report_app.services import services
from report_app.shown.inbox import shown_cause
from report_app.shown.rehearsals import shown_rehearsal

__all__ = ["inbox"]
_DIGEST = re.compile(r"[0-9a-f]{12}")


@inbox.get("/shops/<merchant>/inbox/<cause>/rehearsals/<digest>")
@login_required  # type: ignore[untyped-decorator]
def show_rehearsal(merchant: str, cause: str, digest: str) -> ResponseReturnValue:
    """It is fetched again while the result is awaited."""
    shop = shop_or_404(merchant)
    found = cause_or_404(shop, cause)
    formats = formats_for(shop)
    rehearsal = shown_rehearsal(rehearsal_or_404(shop, found, digest), formats)
    return shop_page("rehearsal", shop, cause=shown_cause(found, formats), rehearsal=rehearsal, refresh=part_address())


def rehearsal_or_404(shop: Merchant, cause: Cause, digest: str) -> Rehearsal:
    """Another shop's rehearsal does not exist."""
    is_one = _DIGEST.fullmatch(digest)
    found = read_rehearsal(services().database, shop.id, cause.id, digest) if is_one else None
    if found is None:
        abort(404)
    return found
