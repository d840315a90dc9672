"""Requests as the real clients send them, with something broken: chosen by a seed, so that each one can be made again."""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from urllib.parse import quote

from collector.intake import DOORS, PIXELS
from collector.other_doors import OTHER_DOORS
from tests.collector.other_requests import other_golden

_GOLDEN = Path(__file__).with_name("golden_requests.json")
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null')
_ODD = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\x00", b"\xff", b"\xed\xa0\xbd", b"\xef\xbb\xbf", b"//"),
    *(
        b'"\\ud83d"',
        b'"\\u0000"',
        b'""',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
        b"00",
        b"9" * 400,
        b"null",
        b"{}",
        b"[]",
    ),
    *(b'{"batch":[', b'"batch":', b'"type":"track",', b'"writeKey":7,', b'"sentAt":"' + b"9" * 70 + b'",'),
    *(
        b"[" * 3_000,
        b'{"a":' * 1_000,
        b'"' + b"x" * 40_000 + b'"',
        b"\xf0\x9f\x98\x80" * 9_000,
        b"[{}" + b",{}" * 2_600 + b"]",
    ),
)
_WORDS = (
    "",
    "Basic",
    "Basic !!!",
    "Basic " + "QQ" * 5_000,
    "Bearer x",
    "gzip",
    "br",
    "text/plain",
    "é",
    "0",
    "x" * 3_000,
)
_LARGEST = 600_000
_WEIGHT = 4
"""How often a request of each other client is chosen for one of an SDK's."""
_HEADERS = ("authorization", "content-type", "content-encoding", "x-write-key", "x-forwarded-for", "user-agent")


@dataclass(frozen=True)
class Sent:
    """One request; `body` as it stands on the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.headers} {self.body[:300]!r}"


def golden_requests(key: str) -> list[Sent]:
    """What the clients sent, with this key, and their messages one by one: to single doors, and as pictures."""
    basic = {"authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
    found: list[Sent] = []
    for row in json.loads(_GOLDEN.read_text()):
        body = row["body"].encode()
        headers = basic | {"content-type": row["content_type"]}
        found.append(Sent("POST", row["path"], headers, gzip.compress(body, mtime=0) if row["is_packed"] else body))
        found += _singles(json.loads(body)["batch"], key, basic)
    return found + [Sent(*one) for one in other_golden(key)] * _WEIGHT


def _singles(messages: list[dict[str, object]], key: str, basic: dict[str, str]) -> Iterator[Sent]:
    for message in messages:
        body = json.dumps({**message, "writeKey": key}).encode()
        yield Sent("POST", f"/v1/{message['type']}", basic | {"content-type": "text/plain"}, body)
        yield Sent("GET", f"/v1/pixel/{message['type']}?data={quote(b64encode(body))}", {}, b"")


def mutated(golden: list[Sent], random: Random) -> Sent:
    """One of them with up to four things changed."""
    sent = random.choice(golden)
    for _ in range(random.randint(1, 4)):
        sent = random.choice(_CHANGES)(sent, random)
    return replace(sent, body=sent.body[:_LARGEST])


def _of_body(change: Callable[[bytes, Random], bytes]) -> Callable[[Sent, Random], Sent]:
    return lambda sent, random: replace(sent, body=change(sent.body, random))


def _flipped(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) or 1)
    return body[:place] + bytes([random.randrange(256)]) + body[place + 1 :]


def _cut(body: bytes, random: Random) -> bytes:
    start, end = sorted(random.randrange(len(body) + 1) for _ in range(2))
    return body[:start] + body[end:]


def _shortened(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _doubled(body: bytes, random: Random) -> bytes:
    start, end = sorted(random.randrange(len(body) + 1) for _ in range(2))
    return body[:end] + body[start:end] * random.choice((1, 1, 1, 300)) + body[end:]


def _with_something_odd(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) + 1)
    return body[:place] + random.choice(_ODD) + body[place:]


def _with_an_odd_value(body: bytes, random: Random) -> bytes:
    places = [found.span() for found in _VALUE.finditer(body)]
    if not places:
        return random.choice(_ODD)
    start, end = random.choice(places)
    return body[:start] + random.choice(_ODD) + body[end:]


def _packed(body: bytes, _: Random) -> bytes:
    return gzip.compress(body, mtime=0)


def _elsewhere(sent: Sent, random: Random) -> Sent:
    return replace(
        sent,
        path=random.choice(
            [*DOORS, *OTHER_DOORS, *PIXELS, "/v1/m", "/sourceConfig", "/v1/projects/x/settings", "/v1/"]
        ),
    )


def _with_a_query(sent: Sent, random: Random) -> Sent:
    query = quote(random.choice(_ODD)[:4_000], safe=random.choice(("", "&=%+")))
    mark = "&" if "?" in sent.path else "?"
    return replace(sent, path=f"{sent.path}{mark}{random.choice(('writeKey', 'data', ''))}={query}")


def _with_an_odd_picture(sent: Sent, random: Random) -> Sent:
    path, _, data = sent.path.partition("?data=")
    changed = _flipped(data.encode(), random).decode("latin-1")
    return replace(sent, path=f"{path}?data={quote(changed, safe='%')}") if data else sent


def _with_another_header(sent: Sent, random: Random) -> Sent:
    return replace(sent, headers=sent.headers | {random.choice(_HEADERS): random.choice(_WORDS)})


def _with_another_method(sent: Sent, random: Random) -> Sent:
    return replace(sent, method=random.choice(("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD")))


_BODIES = (_flipped, _cut, _shortened, _doubled, _with_something_odd, _with_an_odd_value, _with_an_odd_value, _packed)
_CHANGES: list[Callable[[Sent, Random], Sent]] = [
    *(_of_body(change) for change in _BODIES for _ in range(3)),
    *(_elsewhere, _with_a_query, _with_an_odd_picture, _with_another_header, _with_another_method),
]
