"""A shop's write keys and the two lines that put the tracker on its pages."""

from contracts.keys import KeyKind, WriteKey, sign_key
from report_app.reading.merchants import Merchant
from report_app.services import services

STUB = (
    "<script>window.footfall = window.footfall || new Proxy([], {get: (calls, name) => "
    "name in calls ? calls[name] : (...given) => calls.push([name, ...given])})</script>"
)
"""Keeps calls until the script is there. docs/tracker.md names its hash, for Content-Security-Policy."""


def page_key(shop: Merchant) -> str:
    """The public key for the shop's pages."""
    return _key(shop, KeyKind.PAGE)


def server_key(shop: Merchant) -> str:
    """The secret key for the shop's servers."""
    return _key(shop, KeyKind.SERVER)


def newest_key(shop: Merchant, kind: KeyKind) -> tuple[WriteKey, bytes]:
    """The key and the secret that signs it, the newest. Raises SettingsError when there is none."""
    name, secret = next(iter(services().settings.secrets_by_id().items()))
    return WriteKey(kind, name, shop.id, shop.key_generation), secret


def _key(shop: Merchant, kind: KeyKind) -> str:
    key, secret = newest_key(shop, kind)
    return sign_key(key, {key.secret_id: secret})


def snippet(shop: Merchant) -> str:
    """The two lines for the shop's pages; on hosts that are not the shop's they count nothing, where it has named its hosts."""
    url = services().settings.public_collector_url.rstrip("/")
    hosts = f' data-hosts="{" ".join(shop.hosts)}"' if shop.hosts else ""
    return f'{STUB}\n<script defer src="{url}/footfall.js" data-key="{page_key(shop)}"{hosts}></script>'
