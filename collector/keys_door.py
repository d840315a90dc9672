"""Who is at the door: the write key of a request, looked for in one order, and its check."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import parse_qs

from collector.answers import Refusal, Refused, error
from contracts.keys import BadKey, WriteKey, read_key

_NO_KEY = error(
    401, Refusal.NO_KEY, "writeKey", "The request has no write key: send it as the user name of Basic authorization."
)

_REMEMBERED = 10_000
_HEADER_CHARACTERS = 512
_REVOKED = "The write key was revoked: take the new one from the shop's settings page."


def basic_user(authorization: str | None) -> str | None:
    """The user name of a Basic authorization header; None where there is none to read."""
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user = b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except (NotBase64, ValueError):
        return None
    return user or None


def query_key(query: str, name: str = "writeKey") -> str | None:
    values = parse_qs(query).get(name) if name in query else None
    return values[0] if values else None


class KeysDoor:
    """Checks keys against the live secrets; good ones are remembered, so that a signature is computed once."""

    def __init__(self, secrets: Mapping[str, bytes], is_revoked: Callable[[WriteKey], bool] = lambda _: False) -> None:
        self._secrets = secrets
        self._is_revoked = is_revoked
        self._read = lru_cache(maxsize=_REMEMBERED)(lambda text: read_key(text, secrets))
        self._of_header: dict[str, WriteKey] = {}

    def admit(self, *found: tuple[str, str | None]) -> WriteKey:
        """The key of the first place that has one; `found` holds (name of the place, text).

        Raises Refused (401) when there is no key, or it is not valid, or it was revoked.
        """
        for place, text in found:
            if text:
                return self._checked(place, text)
        raise Refused(_NO_KEY)

    def of_basic(self, authorization: str | None) -> WriteKey | None:
        """The key that is the user name of Basic authorization; None where there is none. Raises Refused (401), as `admit`."""
        if not authorization:
            return None
        key = self._of_header.get(authorization)
        if key is None:
            user = basic_user(authorization)
            if user is None:
                return None
            key = self._checked("authorization", user)
            self._remember(authorization, key)
        elif self._is_revoked(key):
            raise _revoked("authorization")
        return key

    def secret_of(self, key: WriteKey) -> bytes:
        """The secret that the key was signed with."""
        return self._secrets[key.secret_id]

    def _checked(self, place: str, text: str) -> WriteKey:
        try:
            key = self._read(text)
        except BadKey as problem:
            raise Refused(error(401, Refusal.BAD_KEY, place, str(problem))) from problem
        if self._is_revoked(key):
            raise _revoked(place)
        return key

    def _remember(self, authorization: str, key: WriteKey) -> None:
        if len(self._of_header) >= _REMEMBERED:
            self._of_header.clear()
        if len(authorization) <= _HEADER_CHARACTERS:
            self._of_header[authorization] = key


def _revoked(place: str) -> Refused:
    return Refused(error(401, Refusal.REVOKED_KEY, place, _REVOKED))
