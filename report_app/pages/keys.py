"""A shop's write keys and the two lines that put the tracker on its pages."""

from contracts.keys import KeyKind, WriteKey, sign_key
from report_app.reading.merchants import Merchant
from report_app.services import services


def page_key(shop: Merchant) -> str:
    """The public key for the shop's pages."""
    return _key(shop, KeyKind.PAGE)


def server_key(shop: Merchant) -> str:
    """The secret key for the shop's servers."""
    return _key(shop, KeyKind.SERVER)


def _key(shop: Merchant, kind: KeyKind) -> str:
    """Signed with the newest secret. Raises SettingsError when there is none."""
    secrets = services().settings.secrets_by_id()
    return sign_key(WriteKey(kind, next(iter(secrets)), shop.id, shop.key_generation), secrets)


def snippet(key: str) -> str:
    """The two lines for the shop's pages."""
    url = services().settings.public_collector_url.rstrip("/")
    return f'<script>window.footfall = window.footfall || [];</script>\n<script defer src="{url}/footfall.js" data-key="{key}"></script>'
