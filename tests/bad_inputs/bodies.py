"""Bodies that the collector cannot take apart, or takes apart into nothing."""

import gzip
from typing import Any

from tests.bad_inputs.rows import KEPT_BYTES, BadInput, Door, Fate, inbox

PAGE = b'{"type":"page","anonymousId":"v"}'
BATCH = b'{"batch":[' + PAGE + b"]}"
PACKED = gzip.compress(BATCH, mtime=0)


def _refused(code: str, status: int = 400, kept: bytes | None = None) -> Fate:
    return inbox(code, status=status, kept=kept)


def _too_large(body: bytes) -> Fate:
    return _refused("too_large", 413, body[:KEPT_BYTES])


def _batch(name: str, body: bytes, fate: Fate, **details: Any) -> BadInput:
    return BadInput(name, Door.BATCH, body, fate, **details)


def _track(name: str, body: bytes, fate: Fate) -> BadInput:
    return BadInput(name, Door.TRACK, body, fate)


NOT_JSON = [
    _batch(name, body, _refused("bad_json"))
    for name, body in {
        "an empty body": b"",
        "words": b"hello",
        "zero bytes": b"\0" * 64,
        "half a body": b'{"batch":[{"type":"page"',
        "two bodies in one": BATCH + BATCH,
        "a body that begins with a byte order mark": b"\xef\xbb\xbf" + BATCH,
        "UTF-16": BATCH.decode().encode("utf-16"),
        "single quotes": BATCH.replace(b'"', b"'"),
        "a comma too many": b'{"batch":[' + PAGE + b",]}",
        "a comment": b"/* ours */ " + BATCH,
        "NaN": b'{"batch":[{"type":"page","n":NaN}]}',
        "Infinity": b'{"batch":[{"type":"page","n":-Infinity}]}',
        "a form": b"data=eyJ0eXBlIjoicGFnZSJ9",
        "XML": b"<batch><page/></batch>",
    }.items()
]
BODIES = [
    *NOT_JSON,
    _batch(
        "lists in lists that never end",
        (deep := b'{"batch":' + b"[" * 100_000),
        _refused("bad_json", kept=deep[:KEPT_BYTES]),
    ),
    _batch("a list instead of a body", b"[" + PAGE + b"]", _refused("not_an_object")),
    _batch("a number instead of a body", b"42", _refused("not_an_object")),
    _batch("a body without a batch", b'{"messages":[]}', _refused("no_batch")),
    _batch("a batch that is null", b'{"batch":null}', _refused("no_batch")),
    _batch("a batch that is one message", b'{"batch":' + PAGE + b"}", _refused("no_batch")),
    _batch("an empty batch", b'{"batch":[]}', Fate(status=200)),
    _batch("a batch of 2,501 messages", (many := b'{"batch":[' + b",".join([b"{}"] * 2_501) + b"]}"), _too_large(many)),
    _batch("a body of 600 KB", (long := b'{"batch":["' + b"x" * 600_000 + b'"]}'), _too_large(long)),
    _batch(
        "a context of 33 KB",
        (wide := b'{"batch":[' + PAGE + b'],"context":{"x":"' + b"x" * 33_000 + b'"}}'),
        _too_large(wide),
    ),
    _batch(
        "a context that is no UTF-8",
        b'{"batch":[' + PAGE + b'],"context":{"app":"caf\xe9"}}',
        _refused("bad_utf8"),
    ),
    _batch("a context that is a text", b'{"batch":[' + PAGE + b'],"context":"mobile"}', Fate(counted=1, status=200)),
    _batch("a sentAt that is no time", b'{"batch":[' + PAGE + b'],"sentAt":"soon"}', Fate(counted=1, status=200)),
    _batch(
        "a sentAt of another century",
        b'{"batch":[' + PAGE + b'],"sentAt":"2126-01-01T00:00:00Z"}',
        Fate(counted=1, status=200),
    ),
    _batch("gzip that was cut off", PACKED[:-6], _refused("bad_json")),
    _batch("gzip's first two bytes and noise", b"\x1f\x8bnoise", _refused("bad_json")),
    _batch("gzip with something behind it", PACKED + b"more", _refused("bad_json")),
    _batch("gzip in gzip", gzip.compress(PACKED, mtime=0), _refused("bad_json", kept=PACKED)),
    _batch(
        "a gzip of 30 MB of zeros",
        gzip.compress(b"\0" * 30_000_000, mtime=0),
        _refused("too_large", 413, b"\0" * KEPT_BYTES),
    ),
    _track("half a message", b'{"type":"track","event":"Order Comp', _refused("bad_json")),
    _track("a message that is no UTF-8", b'{"type":"track","event":"caf\xe9"}', _refused("bad_utf8")),
    _track("a line break within a text", b'{"type":"track","event":"Tea\nroom"}', _refused("bad_json")),
    _track("an unknown type", b'{"type":"purchase"}', _refused("unknown_type")),
    _track("a message without a name", b'{"anonymousId":"v"}', Fate(code="no_event_name", status=200)),
    BadInput("no write key", Door.BATCH, BATCH, Fate(status=401), has_key=False),
    BadInput(
        "a write key that nobody signed",
        Door.BATCH,
        BATCH[:-1] + b',"writeKey":"wk1.s.t1.amber.1.00"}',
        Fate(status=401),
        has_key=False,
    ),
]
