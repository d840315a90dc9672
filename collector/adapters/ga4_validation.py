"""What `/debug/mp/collect` answers: GA4's form of saying what is wrong with a request."""

from typing import Any

from collector.answers import sentence
from collector.splitting import Reject
from collector.translating import Translated
from contracts.errors import ErrorCode

_CODES: dict[ErrorCode, str] = {
    ErrorCode.TOO_LARGE: "EXCEEDED_MAX_ENTITIES",
    ErrorCode.NO_BATCH: "VALUE_REQUIRED",
    ErrorCode.NO_EVENT_NAME: "NAME_INVALID",
}


def validation_document(found: Translated | Reject) -> dict[str, Any]:
    """Without messages nothing is wrong that can be seen before the event is counted."""
    if isinstance(found, Reject):
        return {"validationMessages": [_message("", found)]}
    pairs = zip(found.places, found.members, strict=True)
    rejected = [_message(f"events[{place}]", member.reject) for place, member in pairs if member.reject]
    return {"validationMessages": rejected}


def _message(path: str, reject: Reject) -> dict[str, str]:
    field = ".".join(part for part in (path, reject.field) if part)
    code = _CODES.get(reject.code, "VALUE_INVALID")
    return {"fieldPath": field, "description": sentence(reject.code), "validationCode": code}
