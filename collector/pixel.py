"""The picture of one pixel that mails and `noscript` ask for: its address carries one message.

`data` is base64 of the message's JSON, as https://segment.com/docs/connections/sources/catalog/libraries/server/pixel-tracking-api/
says; the key is in the message. Links wrap, mail programs write `+` as a space and leave out the padding: all is read.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from urllib.parse import parse_qs

from collector.answers import OPEN_TO_ALL, Answer

_GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PICTURE = Answer(
    200, _GIF, (("content-type", "image/gif"), ("cache-control", "no-store"), ("pragma", "no-cache"), *OPEN_TO_ALL)
)
_AS_STANDARD = str.maketrans({" ": "+", "-": "+", "_": "/", "\n": None, "\r": None, "=": None})


def message_of(query: str) -> bytes | None:
    """The message's own bytes; None where `data` is no base64. Without `data` it is empty."""
    text = (parse_qs(query).get("data") or [""])[0].translate(_AS_STANDARD)
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (NotBase64, ValueError):
        return None
