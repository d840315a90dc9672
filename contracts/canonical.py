"""Canonical JSON and its SHA-256: "the same numbers" is "the same checksum"."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8; only objects, lists, strings, integers, booleans and null.

    Raises TypeError for a float: money and quantities are integers here.
    """
    _refuse_floats(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def checksum(content: Any) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _refuse_floats(content: Any) -> None:
    if isinstance(content, float):
        raise TypeError(f"a float ({content}) has no place in a checked document: use an integer of a smaller unit")
    if isinstance(content, dict):
        for value in content.values():
            _refuse_floats(value)
    elif isinstance(content, list | tuple):
        for value in content:
            _refuse_floats(value)
