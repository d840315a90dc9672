"""Until when a topic is done."""

from datetime import datetime

from pymongo.database import Database

from contracts.ledger import CAUGHT_UP, DONE
from contracts.names import Collection, Topic
from footfall_airflow.database import Document


def watermark_of(database: Database[Document], topic: Topic) -> datetime | None:
    """Until when everything that arrived in the topic is in the reports, or in the inbox; None before the first batch."""
    done = {"topic": topic, "state": {"$in": list(DONE)}}
    last = database[Collection.BATCHES].find_one(done, {"watermark": 1}, sort=[("_id", -1)]) or {}
    caught_up = database[Collection.PLATFORM].find_one({"_id": CAUGHT_UP[topic]}) or {}
    marks = (last.get("watermark"), caught_up.get("caught_up_at"))
    return max((mark for mark in marks if mark is not None), default=None)
