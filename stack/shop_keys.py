"""Generations of a shop's write keys: new ones, and the end of old ones, which the collectors hear from a topic.

A shop is given new keys first and puts them in place; both generations are taken until the old ones are revoked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from confluent_kafka import KafkaException, Producer
from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.messages import json_bytes
from contracts.names import Collection, Topic
from contracts.settings import Settings
from contracts.shop_keys import HOST, LAST_GENERATION, MOST_HOSTS, SHOP_KEYS_VERSION, ShopKeysMessage
from report_app import audit
from stack.problems import StackProblem

Document = dict[str, Any]
_SECONDS = 30


class Noted(NamedTuple):
    """What MongoDB says that the collectors should know of a shop; `hosts` is None where its pages may be anywhere."""

    oldest: int
    hosts: tuple[str, ...] | None


def renew_keys(database: Database[Document], merchant: str, who: str, now: datetime) -> int:
    """The new generation; the old ones are still taken. Raises StackProblem where there is no such shop."""
    current = _shop(database, merchant).get("key_generation", 1)
    if current >= LAST_GENERATION:
        raise StackProblem(f"{merchant} has had {current} generations of keys: there is no room for another.")
    audit.record(database, who, merchant, "keys_renewed", now, generation=current + 1)
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
    audit.record(database, who, merchant, "keys_revoked", now, before_generation=current)
    _changed(database, merchant, {"$max": {"oldest_key_generation": current}})
    return _publish_as_noted(database, settings, {"_id": merchant})[merchant].oldest


def list_hosts(
    database: Database[Document], settings: Settings, merchant: str, hosts: Sequence[str], who: str, now: datetime
) -> None:
    """From now on pages on these hosts alone may send; with none, pages on any. Raises StackProblem as above."""
    if bad := [host for host in hosts if not HOST.fullmatch(host)]:
        raise StackProblem(f"{bad[0]!r} is no host: name one such as shop.example, without https://.")
    if len(hosts) > MOST_HOSTS:
        raise StackProblem(
            f"These are {len(hosts)} hosts, and there is room for {MOST_HOSTS}: a host stands for those below it."
        )
    _shop(database, merchant)
    audit.record(database, who, merchant, "hosts_listed", now, hosts=list(hosts))
    _changed(database, merchant, {"$set": {"hosts": list(hosts), "only_listed_hosts": bool(hosts)}})
    _publish_as_noted(database, settings, {"_id": merchant})


def publish_revocations(database: Database[Document], settings: Settings) -> int:
    """Says again what was ever revoked and which hosts were listed, should the topic have been lost; how many shops it is about."""
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


def _publish_as_noted(database: Database[Document], settings: Settings, which: Document) -> dict[str, Noted]:
    """By shop, once the topic's last message of each shop is not older than what is noted."""
    said: dict[str, Noted] = {}
    while changed := dict(_noted(database, which).items() - said.items()):
        _publish(settings, changed)
        said |= changed
    return said


def _noted(database: Database[Document], which: Document) -> dict[str, Noted]:
    fields = ("oldest_key_generation", "only_listed_hosts")
    said_before = which | {"$or": [{field: {"$exists": True}} for field in fields]}
    return {shop["_id"]: _noted_of(shop) for shop in database[Collection.MERCHANTS].find(said_before)}


def _noted_of(shop: Document) -> Noted:
    hosts = tuple(shop["hosts"]) if shop.get("only_listed_hosts") else None
    return Noted(int(shop.get("oldest_key_generation", 0)), hosts)


def _message(merchant: str, noted: Noted) -> ShopKeysMessage:
    message = ShopKeysMessage(v=SHOP_KEYS_VERSION, merchant=merchant, oldest_generation=noted.oldest)
    if noted.hosts is not None:
        message["hosts"] = list(noted.hosts)
    return message


def _publish(settings: Settings, shops: Mapping[str, Noted]) -> None:
    failed: list[str] = []
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "acks": "all", "message.timeout.ms": 5_000})
    try:
        for merchant, noted in shops.items():
            producer.produce(
                Topic.SHOP_KEYS,
                json_bytes(_message(merchant, noted)),
                key=merchant,
                on_delivery=lambda error, _: failed.append(error.str()) if error else None,
            )
        unsent = producer.flush(_SECONDS)
    except (BufferError, KafkaException) as error:
        raise StackProblem(_unpublished(str(error))) from error
    if failed or unsent:
        raise StackProblem(_unpublished(failed[0] if failed else "it did not answer"))


def _unpublished(why: str) -> str:
    return f"The broker did not take it ({why}); it is noted, and not in force: run the same command again."
