"""A batch of the errors topic: each failure is filed, decided, and carried out.

Copies are acknowledged by Kafka before their documents say so. A run that dies in between sends them again under the
same ids; rows of one id are one arrival, so they count once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from confluent_kafka import Message
from pymongo.database import Database

from contracts.batch_errors import is_of_a_batch
from contracts.chunks import chunks
from contracts.erasures import NOBODY, Forgotten
from contracts.held import without
from contracts.names import Collection, Topic
from footfall_airflow.database import Document
from footfall_airflow.deciding import Decision, Fate, decide
from footfall_airflow.error_messages import failure_of
from footfall_airflow.filing import drop, file_failures, note_attempts, note_sent, park, undecided, wait
from footfall_airflow.floods import Counted, Room
from footfall_airflow.sending import Sender
from repairs.copies import Copy, is_too_large
from repairs.failures import Failure
from repairs.shop_rules import ShopRule, read_rule

CHUNK = 1_000


@dataclass(slots=True)
class Done:
    """What a run did, in messages."""

    filed: int = 0
    fates: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return ", ".join([f"filed {self.filed}", *(f"{fate} {count}" for fate, count in sorted(self.fates.items()))])


def keeps_nobody_out(merchants: Iterable[str]) -> Forgotten:
    return NOBODY


def reprocess(
    database: Database[Document],
    sender: Sender,
    messages: Iterable[Message],
    topic_id: str,
    room: Room,
    now: datetime,
    kept_out: Callable[[Iterable[str]], Forgotten] = keeps_nobody_out,
) -> Done:
    """Files every message and carries out what is decided about it; what is about a whole batch is halved, not filed, and
    what is of somebody whom its shop has forgotten (`kept_out`) is left out: its row has gone.

    Raises Undelivered.
    """
    done, counted = Done(), Counted(database)
    for chunk in chunks(messages, CHUNK):
        read = [failure_of(message, topic_id) for message in chunk]
        shops = {shop for failure in read if isinstance(shop := failure.facts["merchant"], str)}
        forgotten = kept_out(shops)
        failures = [
            failure
            for failure in read
            if not is_of_a_batch({"_id": failure.arrival, **failure.facts})
            and without(Collection.FAILED_EVENTS, failure.facts, forgotten) is not None
        ]
        rules = rules_of(database, {failure.cause for failure in failures})
        decided = [(failure, decide(failure, rules.get(failure.cause))) for failure in failures]
        done.filed += file_failures(database, decided, room, counted, now)
        open_ = undecided(database, failures)
        by_attempt = {(failure.arrival, failure.attempt): (failure, decision) for failure, decision in decided}
        done.fates += _carry_out(database, sender, [by_attempt[one] for one in sorted(open_)], now)
    counted.write()
    room.tidy()
    return done


def rules_of(database: Database[Document], causes: Iterable[str]) -> dict[str, ShopRule]:
    """The rules that people made for these causes and that are in force."""
    found = database[Collection.REPAIR_RULES].find({"_id": {"$in": list(causes)}, "is_active": True})
    return {document["_id"]: read_rule(document["rule"]) for document in found}


def _carry_out(
    database: Database[Document], sender: Sender, decided: Sequence[tuple[Failure, Decision]], now: datetime
) -> Counter[str]:
    by_fate: dict[Fate, list[tuple[Failure, Decision]]] = {}
    for failure, decision in decided:
        by_fate.setdefault(decision.fate, []).append((failure, decision))
    ids = {fate: [failure.arrival for failure, _ in found] for fate, found in by_fate.items()}
    park(database, ids.get(Fate.PARK, ()))
    drop(database, ids.get(Fate.DROP, ()), now)
    wait(database, ids.get(Fate.RETRY, ()), 0, now)
    send_copies(database, sender, [_copy(*one) for one in by_fate.get(Fate.REPAIR, ())], now)
    return Counter({str(fate): len(found) for fate, found in by_fate.items()})


def _copy(failure: Failure, decision: Decision) -> Copy:
    assert failure.envelope is not None
    return Copy(failure.arrival, failure.attempt + 1, failure.envelope, decision.text, decision.rule)


def send_copies(database: Database[Document], sender: Sender, copies: Sequence[Copy], now: datetime) -> None:
    """Noted, sent and acknowledged, then marked as sent; in this order. What the topic would not take is left to a person."""
    values = {copy.arrival: copy.value() for copy in copies}
    too_large = {arrival for arrival, value in values.items() if is_too_large(value)}
    park(database, too_large)
    sendable = [copy for copy in copies if copy.arrival not in too_large]
    if sendable:
        note_attempts(database, sendable, now)
        sender.send(Topic.EVENTS, (values[copy.arrival] for copy in sendable))
        note_sent(database, sendable)
