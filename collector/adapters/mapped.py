"""What adapters take and give."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from collector.splitting import BATCH_MESSAGES, SPREAD_BYTES, Reject
from contracts.errors import ErrorCode
from contracts.events import PRODUCT_EVENTS, canonical_name

Message = dict[str, Any]
MOST_PARAMETERS = 1_000
MOST_FIELDS = 2_000
"""Fields of a message times its products, up to which it is made several."""
_KEY = "writeKey="


class Call(NamedTuple):
    """A request; `header` gives a header's value by its name in lower case."""

    query: str
    body: bytes
    header: Callable[[str], str | None] = lambda _: None


class Mapped(NamedTuple):
    """A message of ours, or why there is none; `raw` is the client's event, `place` its number in the request.

    Of several messages of one event the first keeps its bytes: read again, they make all of them again.
    """

    place: int
    raw: bytes
    message: Message | None
    reject: Reject | None = None


class Parts(NamedTuple):
    """A request taken apart; `key` is a write key that stands where this protocol has room for one."""

    messages: list[Mapped]
    key: str | None = None
    topic: str | None = None


def spread(shared_bytes: int, count: int, field: str) -> Reject | None:
    """Why a request is too large for each of its events to keep what they share."""
    if count > BATCH_MESSAGES or shared_bytes * count > SPREAD_BYTES:
        return Reject(ErrorCode.TOO_LARGE, field)
    return None


def problem_of_name(name: object, field: str) -> Reject | None:
    is_name = isinstance(name, str) and name.strip()
    return None if is_name else Reject(ErrorCode.NO_EVENT_NAME, field)


def parameters_of(text: str) -> dict[str, str] | Reject:
    """The parameters of an address or a form; of one that is there twice, the last."""
    try:
        return dict(parse_qsl(text, max_num_fields=MOST_PARAMETERS))
    except ValueError:
        return Reject(ErrorCode.TOO_LARGE, None)


def without_key(query: str) -> str:
    """The query as it may be kept."""
    return "&".join(part for part in query.split("&") if not part.startswith(_KEY))


def given(fields: Mapping[str, Any]) -> Message:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != {}}


def renamed(fields: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    """All fields, those of the table under their name with us."""
    return {names.get(name, name): value for name, value in fields.items()}


def object_or_empty(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_or_empty(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def id_of(prefix: str, *parts: bytes) -> str:
    """The same for the same bytes, so that what a client sends again is a copy."""
    digest = sha256()
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return f"{prefix}:{digest.hexdigest()[:32]}"


def one_a_product(message: Message) -> list[Message]:
    """Views and carts count single products: a message about several of them becomes several messages.

    Any other message stays as it is.
    """
    properties = object_or_empty(message.get("properties"))
    products, event = properties.get("products"), message.get("event")
    is_of_product = isinstance(event, str) and canonical_name(event) in PRODUCT_EVENTS
    if not is_of_product or not isinstance(products, list) or not products:
        return [message]
    if not all(isinstance(product, dict) for product in products) or len(products) * len(properties) > MOST_FIELDS:
        return [message]
    shared = {name: value for name, value in properties.items() if name != "products"}
    made = [message | {"properties": shared | product} for product in products]
    if "messageId" in message:
        for number, one in enumerate(made[1:], 2):
            one["messageId"] = f"{message['messageId']}/{number}"
    return made
