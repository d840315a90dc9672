"""Doors of clients that do not speak Segment: which address leads to which adapter, and how each brings its key."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from collector.adapters import ga4, gtag, shopify, snowplow, woocommerce
from collector.adapters.mapped import Call, Parts, parameters_of
from collector.keys_door import basic_user, query_key
from collector.serving.request import Request
from collector.splitting import Reject
from contracts.keys import WriteKey
from contracts.order_webhooks import Platform, derived_secret, is_signed
from sealing import NotSealed
from sealing.webhook_secrets import unseal_secret

_PREFIX = "/k/"
_Proof = Callable[[Call, WriteKey, bytes], bool]
_Reader = Callable[[Call], Parts | Reject]


class OtherDoor(NamedTuple):
    """`place` is where this protocol has room for the write key; `proves` checks a signature and makes the key a server's.

    `sends_by_get` is the reader of events that stand in an address, where the protocol has them.
    """

    name: str
    version: int
    reads: _Reader
    place: str = "writeKey"
    sends_by_get: _Reader | None = None
    proves: _Proof | None = None
    is_ping: Callable[[bytes], bool] = lambda _: False


def _is_of_woocommerce(call: Call, key: WriteKey, secret: bytes) -> bool:
    signature = call.header(woocommerce.SIGNATURE_HEADER) or ""
    return is_signed(call.body, signature, derived_secret(key, Platform.WOOCOMMERCE, secret))


def _is_of_shopify(call: Call, key: WriteKey, secret: bytes) -> bool:
    found = parameters_of(call.query)
    sealed = "" if isinstance(found, Reject) else found.get("sealed", "")
    try:
        own = unseal_secret(sealed, key, Platform.SHOPIFY, secret)
    except NotSealed:
        return False
    return is_signed(call.body, call.header(shopify.SIGNATURE_HEADER) or "", own)


GA4 = OtherDoor("ga4", ga4.VERSION, ga4.read, "api_secret")
_GTAG = OtherDoor("gtag", gtag.VERSION, gtag.read, sends_by_get=gtag.read)
_SNOWPLOW = OtherDoor("snowplow", snowplow.VERSION, snowplow.read, "aid")
_SNOWPLOW_ADDRESS = OtherDoor(
    "snowplow", snowplow.VERSION, snowplow.read_address, "aid", sends_by_get=snowplow.read_address
)
_SHOPIFY = OtherDoor("shopify", shopify.VERSION, shopify.read, proves=_is_of_shopify)
_WOOCOMMERCE = OtherDoor(
    "woocommerce", woocommerce.VERSION, woocommerce.read, proves=_is_of_woocommerce, is_ping=woocommerce.is_ping
)
OTHER_DOORS: dict[str, OtherDoor] = {
    "/mp/collect": GA4,
    "/g/collect": _GTAG,
    "/com.snowplowanalytics.snowplow/tp2": _SNOWPLOW,
    "/i": _SNOWPLOW_ADDRESS,
    "/shopify": _SHOPIFY,
    "/woocommerce": _WOOCOMMERCE,
}
GA4_DEBUG = "/debug/mp/collect"


def without_prefix(path: str) -> tuple[str, str | None]:
    """`/k/<write key>/g/collect` is `/g/collect` with that key: for clients that take an address and nothing else."""
    if not path.startswith(_PREFIX):
        return path, None
    key, slash, rest = path[len(_PREFIX) :].partition("/")
    return slash + rest, unquote(key)


def keys_outside(door: OtherDoor, request: Request) -> list[tuple[str, str | None]]:
    """Where a request of this door may have its key, but for its body: (name of the place, text), in their order."""
    return [
        ("authorization", basic_user(request.headers.get("authorization"))),
        ("path", without_prefix(request.path)[1]),
        ("writeKey", query_key(request.query)),
        (door.place, query_key(request.query, door.place)),
        ("x-write-key", request.headers.get("x-write-key")),
    ]
