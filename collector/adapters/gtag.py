"""What gtag.js sends to `/g/collect`: the page and the visitor in the address, one event a line of the body, or one in the address too.

The form is not documented by Google; this is what browsers are seen to send with `v=2`. Items are written as
`pr1=idSKU~nmName~pr12.5~qt2`.
"""

import re
from typing import Any

from collector.adapters.ga4_events import messages_of
from collector.adapters.mapped import (
    Call,
    Mapped,
    Message,
    Parts,
    given,
    parameters_of,
    problem_of_name,
    spread,
    without_key,
)
from collector.adapters.unforeseen import each_alone
from collector.splitting import BATCH_MESSAGES, MESSAGE_BYTES, Reject
from contracts.errors import ErrorCode

VERSION = 1
_LIBRARY = {"name": "gtag.js"}
_ITEM = re.compile(r"pr([1-9][0-9]{0,2})")
_SCREEN = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_NO_STORAGE = re.compile(r"G1[01-]0")
"""Consent, as the page's visitor gave it: the last digit is that to analytics."""
_ITEM_FIELDS = {
    "id": "item_id",
    "nm": "item_name",
    "br": "item_brand",
    "ca": "item_category",
    "c2": "item_category2",
    "c3": "item_category3",
    "c4": "item_category4",
    "c5": "item_category5",
    "va": "item_variant",
    "pr": "price",
    "qt": "quantity",
    "cp": "coupon",
    "ds": "discount",
    "ln": "item_list_name",
    "li": "item_list_id",
    "lp": "index",
    "af": "affiliation",
    "lo": "location_id",
}
_OF_EVENT = {
    "dl": "page_location",
    "dt": "page_title",
    "dr": "page_referrer",
    "cu": "currency",
    "sid": "session_id",
    "_et": "engagement_time_msec",
}


def read(call: Call) -> Parts | Reject:
    query = without_key(call.query)
    try:
        lines = call.body.decode().splitlines() or [""]
    except UnicodeDecodeError:
        return Reject(ErrorCode.BAD_UTF8, None)
    shared = parameters_of(query)
    if isinstance(shared, Reject):
        return shared
    if problem := spread(len(query), len(lines), "body"):
        return problem
    made: list[Mapped] = []
    for index, line in enumerate(lines):
        raw = "\n".join(filter(None, (query, line))).encode(errors="replace")
        made += _mapped(index, raw, shared, parameters_of(line))
        if len(made) > BATCH_MESSAGES:
            return Reject(ErrorCode.TOO_LARGE, "body")
    return Parts(made)


@each_alone
def _mapped(index: int, raw: bytes, shared: dict[str, str], own: dict[str, str] | Reject) -> list[Mapped]:
    if isinstance(own, Reject) or len(raw) > MESSAGE_BYTES:
        return [Mapped(index, raw, None, Reject(ErrorCode.TOO_LARGE, None))]
    found = shared | own
    if problem := problem_of_name(found.get("en"), "en"):
        return [Mapped(index, raw, None, problem)]
    has_storage = not _NO_STORAGE.fullmatch(found.get("gcs", ""))
    rest = given(
        {
            "anonymousId": found.get("cid") if has_storage else None,
            "userId": found.get("uid"),
            "context": _context(found, has_storage),
        }
    )
    return [Mapped(index, raw, message) for message in messages_of(found.get("en"), _parameters(found), rest)]


def _parameters(found: dict[str, str]) -> dict[str, Any]:
    """The event's parameters as the page named them."""
    parameters: dict[str, Any] = {name: found[short] for short, name in _OF_EVENT.items() if short in found}
    for name, value in found.items():
        kind, _, own = name.partition(".")
        if kind in ("ep", "epn") and own:
            parameters[own] = value
    items = sorted((int(number[1]), value) for name, value in found.items() if (number := _ITEM.fullmatch(name)))
    return parameters | ({"items": [_item(value) for _, value in items]} if items else {})


def _item(text: str) -> Message:
    """Fields that the page made up are pairs of `k0` and `v0`."""
    parts = {part[:2]: part[2:] for part in text.split("~")}
    item = {name: parts[short] for short, name in _ITEM_FIELDS.items() if short in parts}
    own = {value: parts.get(f"v{short[1]}", "") for short, value in parts.items() if re.fullmatch("k[0-9]", short)}
    return own | item


def _context(found: dict[str, str], has_storage: bool) -> Message:
    page = given({"url": found.get("dl"), "title": found.get("dt"), "referrer": found.get("dr")})
    size = _SCREEN.fullmatch(found.get("sr", ""))
    return given(
        {
            "library": _LIBRARY,
            "page": page,
            "locale": found.get("ul"),
            "screen": {"width": int(size[1]), "height": int(size[2])} if size else None,
            "cookieless": None if has_storage else True,
        }
    )
