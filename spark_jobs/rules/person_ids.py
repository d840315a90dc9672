"""Ids of people in rows of arrivals, and their keyed hashes: what contracts/person_ids.py says, in Spark's expressions."""

from functools import partial

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.erasures import FORGOTTEN_VALUE
from contracts.events import MessageType
from contracts.names import Outcome
from contracts.person_ids import HASH_CHARACTERS, MOST_CHARACTERS, MOST_WORDS, NO_IDS, OF_PERSONS, WORDS, IdKind
from spark_jobs.rules.texts import lower, stripped

PADS = "inner binary, outer binary"
"""Columns that `hash_of` needs beside the ids: the two keys of HMAC."""
_BLOCK_BYTES = 64
_IDS = "struct<anonymousId: string, userId: string, previousId: string, properties: struct<order_id: string>>"


def pads_of(key: bytes) -> tuple[bytes, bytes]:
    """(inner, outer) of HMAC; `key` is not longer than a block."""
    block = key.ljust(_BLOCK_BYTES, b"\0")
    return bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)


def hash_of(said: Column) -> Column:
    """The keyed hash of `kind/value`."""
    once = F.sha2(F.concat(F.col("inner"), said.cast("binary")), 256)
    return F.substring(F.sha2(F.concat(F.col("outer"), F.unhex(once)), 256), 1, HASH_CHARACTERS)


def normal(value: Column) -> Column:
    """The form in which ids are compared; null for what is no id, as what everybody sends who has none."""
    text = stripped(value)
    is_id = (text != "") & (F.length(text) <= MOST_CHARACTERS) & ~lower(text).isin(sorted(NO_IDS))
    return F.when(is_id, text)


def said(kind: IdKind, value: Column) -> Column:
    """`kind/value`, of which `hash_of` makes the hash; null where there is no id."""
    return F.concat(F.lit(f"{kind}/"), normal(value))


def said_ids() -> Column:
    """Array of `kind/value`, of an archived row. An accepted row says all in its columns, but for the id before an alias.

    Of a rejected one the client's bytes are read again; of bytes that are no JSON object every word may be an id.
    """
    of_columns = F.array(
        said(IdKind.ANONYMOUS, F.col("anonymous_id")),
        said(IdKind.USER, F.col("user_id")),
        said(IdKind.ORDER, F.col("order.order_id")),
    )
    is_read_again = (F.col("outcome") == Outcome.REJECTED) | F.coalesce(
        F.col("type") == MessageType.ALIAS, F.lit(False)
    )
    of_bytes = F.when(is_read_again, _of_bytes(F.col("original").cast("string")))
    return F.filter(
        F.concat(of_columns, F.coalesce(of_bytes, F.array().cast("array<string>"))), lambda one: one.isNotNull()
    )


def _of_bytes(text: Column) -> Column:
    return F.when(F.json_object_keys(text).isNotNull(), _of_message(F.from_json(text, _IDS))).otherwise(_words(text))


def _of_message(message: Column) -> Column:
    return F.array(
        said(IdKind.ANONYMOUS, message["anonymousId"]),
        said(IdKind.USER, message["userId"]),
        said(IdKind.ANONYMOUS, message["previousId"]),
        said(IdKind.USER, message["previousId"]),
        said(IdKind.ORDER, message["properties"]["order_id"]),
    )


def _words(text: Column) -> Column:
    found = [F.slice(F.regexp_extract_all(text, F.lit(words), F.lit(0)), 1, MOST_WORDS) for words in WORDS]
    distinct = F.array_distinct(F.concat(*found))
    return F.flatten(F.array(*[F.transform(distinct, partial(said, kind)) for kind in OF_PERSONS]))


def is_marker() -> Column:
    """Of a copy that was set aside: the place of a message whose person was forgotten."""
    return F.col("original") == F.lit(FORGOTTEN_VALUE)
