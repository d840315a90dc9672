"""Snowplow's tracker protocol: `payload_data` by POST, and one event in the address.

Source: https://docs.snowplow.io/docs/events/going-deeper/event-parameters/
"""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

from collector.adapters.mapped import (
    Call,
    Mapped,
    Message,
    Parts,
    given,
    list_or_empty,
    object_or_empty,
    one_a_product,
    parameters_of,
    problem_of_name,
    spread,
    without_key,
)
from collector.adapters.reading import NotJson, fields_of, items_of, joined, object_of, value_of
from collector.adapters.snowplow_commerce import Entity, commerce_event, is_commerce, schema_name
from collector.adapters.unforeseen import each_alone
from collector.splitting import BATCH_MESSAGES, MESSAGE_BYTES, Reject
from contracts.errors import ErrorCode
from contracts.events import Event, MessageType

VERSION = 2
_BROWSER, _BROWSER_LIBRARY = "js-", "snowplow-javascript-tracker"


def read(call: Call) -> Parts | Reject:
    """Events of a body."""
    fields = fields_of(call.body)
    if isinstance(fields, Reject):
        return fields
    items = items_of(fields.pop("data", b""), "data")
    if isinstance(items, Reject):
        return items
    if problem := spread(len(call.body) - sum(map(len, items)), len(items), "data"):
        return problem
    made: list[Mapped] = []
    key = None
    for index, item in enumerate(items):
        event = object_of(item)
        key = key or _key(event)
        made += _mapped(index, joined(fields | {"data": b"[" + item + b"]"}), event)
        if len(made) > BATCH_MESSAGES:
            return Reject(ErrorCode.TOO_LARGE, "data")
    return Parts(made, key)


def read_address(call: Call) -> Parts | Reject:
    """The one event of an address."""
    query = without_key(call.query)
    event: dict[str, Any] | Reject = parameters_of(query)
    if len(query) > MESSAGE_BYTES:
        event = Reject(ErrorCode.TOO_LARGE, None)
    return Parts(_mapped(0, query.encode(errors="replace"), event), _key(event))


def _key(event: dict[str, Any] | Reject) -> str | None:
    """The app's id may be a write key: every tracker lets its user choose it."""
    app = event.get("aid") if isinstance(event, dict) else None
    return app if isinstance(app, str) and app.startswith("wk1.") else None


@each_alone
def _mapped(index: int, raw: bytes, event: dict[str, Any] | Reject) -> list[Mapped]:
    if isinstance(event, Reject):
        return [Mapped(index, raw, None, event)]
    entities = _entities(event)
    made = {"pv": _page_view, "se": _structured, "tr": _transaction, "ue": _self_describing}.get(
        str(event.get("e")), _other
    )(event, entities)
    if made["type"] == MessageType.TRACK and (problem := problem_of_name(made["event"], "e")):
        return [Mapped(index, raw, None, problem)]
    message = given({**made, **_rest(event)})
    return [Mapped(index, raw, one) for one in one_a_product(message)]


def _rest(event: dict[str, Any]) -> Message:
    version = str(event.get("tv", ""))
    library = {"name": _BROWSER_LIBRARY if version.startswith(_BROWSER) else "snowplow", "version": version}
    page = given({"url": event.get("url"), "title": event.get("page"), "referrer": event.get("refr")})
    return {
        "messageId": event.get("eid"),
        "anonymousId": event.get("duid", event.get("nuid")),
        "userId": event.get("uid"),
        "timestamp": _millis(event.get("ttm", event.get("dtm"))),
        "sentAt": _millis(event.get("stm")),
        "context": given(
            {
                "library": library,
                "page": page,
                "userAgent": event.get("ua"),
                "locale": event.get("lang"),
                "timezone": event.get("tz"),
            }
        ),
    }


def _millis(text: Any) -> Any:
    """What is no number stays, and is rejected as a time."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20 else text


def _track(name: Any, properties: Message) -> Message:
    return {"type": str(MessageType.TRACK), "event": name, "properties": given(properties)}


def _page_view(event: dict[str, Any], _: list[Entity]) -> Message:
    properties = given({"url": event.get("url"), "title": event.get("page"), "referrer": event.get("refr")})
    return {"type": str(MessageType.PAGE), "name": event.get("page"), "properties": properties}


def _structured(event: dict[str, Any], _: list[Entity]) -> Message:
    names = {"category": "se_ca", "label": "se_la", "property": "se_pr", "value": "se_va"}
    return _track(event.get("se_ac"), {name: event.get(short) for name, short in names.items()})


def _transaction(event: dict[str, Any], _: list[Entity]) -> Message:
    """The older form, whose items come as events of their own."""
    names = {"order_id": "tr_id", "total": "tr_tt", "tax": "tr_tx", "shipping": "tr_sh", "currency": "tr_cu"}
    properties = {name: event.get(short) for name, short in names.items()}
    return _track(str(Event.ORDER_COMPLETED), properties | {"affiliation": event.get("tr_af")})


def _self_describing(event: dict[str, Any], entities: list[Entity]) -> Message:
    outer = object_or_empty(_embedded(event, "ue_pr", "ue_px"))
    inner = object_or_empty(outer.get("data"))
    schema, data = inner.get("schema"), object_or_empty(inner.get("data"))
    name, properties = commerce_event(data, entities) if is_commerce(schema) else (schema_name(schema), data)
    return _track(name, properties)


def _other(event: dict[str, Any], _: list[Entity]) -> Message:
    """Pings of pages, items of transactions and what is yet to come, with their own fields."""
    kind = event.get("e")
    names = {"pp": "Page Ping", "ti": "Transaction Item", "ad": "Ad Impression"}
    own = {name: value for name, value in event.items() if str(name).startswith(("pp_", "ti_", "ad_"))}
    return _track(names.get(str(kind), kind), own)


def _entities(event: dict[str, Any]) -> list[Entity]:
    outer = object_or_empty(_embedded(event, "co", "cx"))
    found = [object_or_empty(one) for one in list_or_empty(outer.get("data"))]
    return [Entity(schema_name(one.get("schema")) or "", object_or_empty(one.get("data"))) for one in found]


def _embedded(event: dict[str, Any], plain: str, packed: str) -> Any:
    """JSON that stands in a parameter as it is, or in base64; None where neither can be read."""
    text, code = event.get(plain), event.get(packed)
    try:
        if isinstance(text, str):
            return value_of(text.encode(errors="replace"))
        if isinstance(code, str):
            code = code.rstrip("=")
            return value_of(b64decode(code + "=" * (-len(code) % 4), altchars=b"-_"))
    except (NotJson, NotBase64, ValueError):
        return None
    return None
