"""Generations of a shop's write keys: new ones, and the end of old ones, which the collectors hear from a topic.

A shop is given new keys first and puts them in place; both generations are taken until the old ones are revoked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from confluent_kafka import KafkaException, Producer
from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.messages import json_bytes
from contracts.names import Collection, Topic
from contracts.settings import Settings
from contracts.shop_keys import LAST_GENERATION, SHOP_KEYS_VERSION, ShopKeysMessage
from report_app import audit
from stack.problems import StackProblem

Document = dict[str, Any]
_SECONDS = 30


def renew_keys(database: Database[Document], merchant: str, who: str, now: datetime) -> int:
    """The new generation; the old ones are still taken. Raises StackProblem where there is no such shop."""
    current = _shop(database, merchant).get("key_generation", 1)
    if current >= LAST_GENERATION:
        raise StackProblem(f"{merchant} has had {current} generations of keys: there is no room for another.")
    audit.record(database, who, merchant, "renew_keys", now, generation=current + 1)
    raised = {"$set": {"key_generation": {"$add": [{"$ifNull": ["$key_generation", 1]}, 1]}}}
    return int(_changed(database, merchant, [raised])["key_generation"])


def revoke_old_keys(database: Database[Document], settings: Settings, merchant: str, who: str, now: datetime) -> int:
    """The oldest generation that is still taken: the current one. Collectors know it when this returns, or soon after.

    Raises StackProblem where there is no such shop, it has no newer keys yet, or the broker did not take the message:
    then run it again.
    """
    current = int(_shop(database, merchant).get("key_generation", 1))
    if current == 1:
        raise StackProblem(f"{merchant} has only its first keys: give it new ones with `footfall keys renew` before.")
    audit.record(database, who, merchant, "revoke_keys", now, before_generation=current)
    _changed(database, merchant, {"$max": {"oldest_key_generation": current}})
    return _publish_as_noted(database, settings, {"_id": merchant})[merchant]


def publish_revocations(database: Database[Document], settings: Settings) -> int:
    """Says again what was ever revoked, should the topic have been lost; how many shops it is about."""
    return len(_publish_as_noted(database, settings, {}))


def _shop(database: Database[Document], merchant: str) -> Document:
    found = database[Collection.MERCHANTS].find_one({"_id": merchant})
    if found is None:
        raise StackProblem(f"There is no shop {merchant!r}.")
    return found


def _changed(database: Database[Document], merchant: str, change: Document | list[Document]) -> Document:
    found = database[Collection.MERCHANTS].find_one_and_update(
        {"_id": merchant}, change, return_document=ReturnDocument.AFTER
    )
    if found is None:
        raise StackProblem(f"There is no shop {merchant!r}.")
    return found


def _publish_as_noted(database: Database[Document], settings: Settings, which: Document) -> dict[str, int]:
    """The oldest generation by shop, once the topic's last message of each shop is not older than what is noted."""
    said: dict[str, int] = {}
    while changed := dict(_noted(database, which).items() - said.items()):
        _publish(settings, changed)
        said |= changed
    return said


def _noted(database: Database[Document], which: Document) -> dict[str, int]:
    revoked = which | {"oldest_key_generation": {"$exists": True}}
    found = database[Collection.MERCHANTS].find(revoked, {"oldest_key_generation": 1})
    return {shop["_id"]: int(shop["oldest_key_generation"]) for shop in found}


def _publish(settings: Settings, oldest: Mapping[str, int]) -> None:
    failed: list[str] = []
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "acks": "all", "message.timeout.ms": 5_000})
    try:
        for merchant, generation in oldest.items():
            message = ShopKeysMessage(v=SHOP_KEYS_VERSION, merchant=merchant, oldest_generation=generation)
            producer.produce(
                Topic.SHOP_KEYS,
                json_bytes(message),
                key=merchant,
                on_delivery=lambda error, _: failed.append(error.str()) if error else None,
            )
        unsent = producer.flush(_SECONDS)
    except (BufferError, KafkaException) as error:
        raise StackProblem(_unpublished(str(error))) from error
    if failed or unsent:
        raise StackProblem(_unpublished(failed[0] if failed else "it did not answer"))


def _unpublished(why: str) -> str:
    return f"The broker did not take the revocation ({why}); it is noted, and not in force: run `footfall keys revoke` again."
