"""What a person decides about a cause: written for reprocess_errors to carry out, with a record of who did it and when.

The report app sends nothing down the road itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo.database import Database

from contracts.names import Collection
from repairs.shop_rules import ShopRule, read_rule
from report_app.audit import record
from report_app.reading.inbox import Cause

Document = dict[str, Any]
SEND_AGAIN = "send_again"


def asked_rule(values: Mapping[str, Any]) -> ShopRule | None:
    """The rule that a form or a body describes; None where the messages are to be sent again as they are. Raises BadRule."""
    return None if values.get("action") == SEND_AGAIN else read_rule(values)


def ask(
    database: Database[Document], merchant: str, cause: Cause, rule: ShopRule | None, who: str, now: datetime
) -> None:
    """The rule is the cause's from now on, and its messages are replayed; without a rule they are sent as they are."""
    number = f"{cause.id}/{uuid4().hex[:12]}"
    decided = rule.as_document() if rule else None
    record(database, who, merchant, "replay_asked", now, cause=cause.id, rule=decided, replay=number)
    document = {
        "merchant": merchant,
        "code": cause.code,
        "field": cause.field,
        "event": cause.event,
        "rule": decided,
        "is_active": rule is not None,
        "made_by": who,
        "made_at": now,
        "replay": {"number": number, "state": "asked", "asked_at": now},
    }
    database[Collection.REPAIR_RULES].replace_one({"_id": cause.id}, document, upsert=True)


def stop(database: Database[Document], merchant: str, cause: Cause, who: str, now: datetime) -> None:
    """Later messages of the cause do not meet its rule any more."""
    record(database, who, merchant, "rule_stopped", now, cause=cause.id, rule=(cause.rule or {}).get("rule"))
    database[Collection.REPAIR_RULES].update_one(
        {"_id": cause.id, "merchant": merchant}, {"$set": {"is_active": False}}
    )
