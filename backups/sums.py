"""Buckets of documents, and sums that prove what is in them. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

from contracts.backups import BUCKETS

_MODULUS = 1 << 256
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sum:
    """Of any number of documents, in any order: their SHA-256 as numbers added up modulo 2^256, their count and size.

    Adding and taking away is exact, so a bucket's sum is kept without reading its other documents.
    """

    hash: int = 0
    documents: int = 0
    size: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum((self.hash + other.hash) % _MODULUS, self.documents + other.documents, self.size + other.size)

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum((self.hash - other.hash) % _MODULUS, self.documents - other.documents, self.size - other.size)

    @property
    def digest(self) -> bytes:
        return self.hash.to_bytes(_HASH_BYTES, "big")


def sum_of(digest: bytes, size: int, documents: int = 1) -> Sum:
    """Of documents whose digest is kept."""
    return Sum(int.from_bytes(digest, "big"), documents, size)


def content_hash(document: RawBSONDocument) -> bytes:
    """SHA-256 of the document's bytes: order of fields and types of numbers count."""
    return hashlib.sha256(document.raw).digest()


def id_bytes(id_: Any) -> bytes:
    """An `_id` of any type as a key for dictionaries."""
    return bson.encode({"": id_})


def bucket_of(id_: Any) -> int:
    """The same for the same `_id`, on every machine and in every version."""
    return int.from_bytes(hashlib.sha256(id_bytes(id_)).digest()[:4], "big") % BUCKETS
