"""Generations of a shop's write keys: new ones, and the end of old ones, which the collectors hear from a topic.

A shop is given new keys first and puts them in place; both generations are taken until the old ones are revoked.
"""

from collections.abc import Iterable
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

    Raises StackProblem where there is no such shop, or the broker did not take the message: then run it again.
    """
    current = int(_shop(database, merchant).get("key_generation", 1))
    audit.record(database, who, merchant, "revoke_keys", now, before_generation=current)
    shop = _changed(database, merchant, {"$max": {"oldest_key_generation": current}})
    _publish(settings, [shop])
    return int(shop["oldest_key_generation"])


def publish_revocations(database: Database[Document], settings: Settings) -> int:
    """Says again what was ever revoked, should the topic have been lost; how many shops it is about."""
    shops = list(
        database[Collection.MERCHANTS].find({"oldest_key_generation": {"$exists": True}}, {"oldest_key_generation": 1})
    )
    _publish(settings, shops)
    return len(shops)


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


def _publish(settings: Settings, shops: Iterable[Document]) -> None:
    failed: list[str] = []
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "acks": "all", "message.timeout.ms": 10_000})
    try:
        for shop in shops:
            message = ShopKeysMessage(
                v=SHOP_KEYS_VERSION, merchant=shop["_id"], oldest_generation=shop["oldest_key_generation"]
            )
            producer.produce(
                Topic.SHOP_KEYS,
                json_bytes(message),
                key=shop["_id"],
                on_delivery=lambda error, _: failed.append(error.str()) if error else None,
            )
        unsent = producer.flush(_SECONDS)
    except (BufferError, KafkaException) as error:
        raise StackProblem(_unpublished(str(error))) from error
    if failed or unsent:
        raise StackProblem(_unpublished(failed[0] if failed else "it did not answer"))


def _unpublished(why: str) -> str:
    return f"The broker did not take the revocation ({why}); it is noted, and not in force: run `footfall keys revoke` again."
