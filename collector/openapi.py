"""The collector's API as an OpenAPI document; `docs/collector-openapi.json` is printed from it, `/openapi.json` serves it."""

from typing import Any

from collector.answers import Refusal
from collector.intake import DOORS, PIXELS
from collector.other_doors import GA4_DEBUG, OTHER_DOORS, OtherDoor
from collector.splitting import BATCH_MESSAGES
from contracts.errors import ErrorCode
from contracts.events import MessageType

OPENAPI_PATH = "/openapi.json"
Document = dict[str, Any]
_REFUSALS: dict[str, str] = {
    "400": "The body or the message is bad; it is kept in the shop's error inbox.",
    "401": "There is no write key, or it is not valid, or it was revoked; nothing is kept.",
    "403": "The page is on a host that the shop has not listed, or a webhook's signature does not fit; nothing is kept.",
    "408": "The body did not come in time; nothing is kept. Send the same request again.",
    "413": "The body or the message is too large; its beginning is kept in the shop's error inbox.",
    "429": "The key or the address sends more than it may; nothing is kept. Send the same request again later.",
    "503": "The messages could not be stored now; nothing was promised. Send the same request again later.",
}
_AGAIN = ("408", "429", "503")
_KEY_IN_PATH: Document = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
_WITH_A_PREFIX = ("/g/collect", "/com.snowplowanalytics.snowplow/tp2", "/i")
_OTHER_BODIES = {
    "/mp/collect": "Ga4",
    "/com.snowplowanalytics.snowplow/tp2": "Snowplow",
    "/shopify": "Order",
    "/woocommerce": "Order",
}
_KEYS: list[Document] = [{"basic": []}, {"query": []}, {"header": []}, {}]


def openapi_document() -> Document:
    """OpenAPI 3.1; a write key may stand in the body, too, which no security scheme can say."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Footfall collector",
            "version": "1",
            "description": "The Segment HTTP API. A 2xx means that the broker has acknowledged every message. Bodies are JSON "
            "whatever their content type says, and may be packed with gzip.",
        },
        "paths": _doors() | _other_doors() | _pixels() | _pages(),
        "components": {"schemas": _schemas(), "securitySchemes": _security()},
    }


def _doors() -> Document:
    return {path: {"post": _door(path, door.type)} for path, door in DOORS.items()} | {
        "/v1/m": {
            "post": _operation("What an SDK counts about itself; nothing is kept.", "Stored", "408", "429", "503")
        }
    }


def _door(path: str, kind: MessageType | None) -> Document:
    what, body, answer = (f"One {kind} message", "Message", "Stored") if kind else ("Messages", "Batch", "BatchStored")
    operation = _operation(what, answer, *_REFUSALS)
    content = {"application/json": {"schema": _ref(body)}, "text/plain": {"schema": _ref(body)}}
    return operation | {"security": _KEYS, "requestBody": {"required": True, "content": content}}


def _other_doors() -> Document:
    paths: Document = {path: _other(door, _OTHER_BODIES.get(path, "Any")) for path, door in OTHER_DOORS.items()}
    paths |= {f"/k/{{key}}{path}": _with_key(paths[path]) for path in _WITH_A_PREFIX}
    looked_at = _operation("What would come of GA4's events; nothing is kept", "Validation", "401", "408", "429", "503")
    return paths | {GA4_DEBUG: {"post": looked_at | _body_of("Ga4") | {"security": _KEYS}}}


def _with_key(operations: Document) -> Document:
    return {method: operation | {"parameters": [_KEY_IN_PATH]} for method, operation in operations.items()}


def _other(door: OtherDoor, body: str) -> Document:
    post = _operation(f"Messages of {door.name}: see docs/doors.md", "BatchStored", *_REFUSALS)
    operations: Document = {"post": post | _body_of(body) | {"security": _KEYS}}
    if door.sends_by_get:
        picture = {"200": {"description": "A GIF of one pixel", "content": {"image/gif": {}}}}
        refusals = _refused("400", "401", "403", "413", "429", "503")
        summary = f"One event of {door.name}, as an address"
        operations["get"] = {"summary": summary, "security": _KEYS, "responses": picture | refusals}
    return operations


def _body_of(schema: str) -> Document:
    return {"requestBody": {"content": {"application/json": {"schema": _ref(schema)}}}}


def _pixels() -> Document:
    data = {"name": "data", "in": "query", "required": True, "schema": {"type": "string"}}
    operation = {
        "summary": "One message, base64 of its JSON, as the address of a picture",
        "security": _KEYS,
        "parameters": [data],
        "responses": {"200": {"description": "A GIF of one pixel", "content": {"image/gif": {}}}}
        | _refused("400", "401", "403", "413", "429", "503"),
    }
    return {path: {"get": operation} for path in PIXELS}


def _pages() -> Document:
    settings = _operation("The settings document of @segment/analytics-next", "Any", "401", "503")
    return {
        "/v1/projects/{key}/settings": {"get": settings | {"parameters": [_KEY_IN_PATH]}},
        "/sourceConfig": {
            "get": _operation("The source of RudderStack's SDKs", "Any", "401", "503") | {"security": _KEYS}
        },
        "/health": {"get": _operation("200 while the process runs", "Any")},
        "/ready": {"get": _operation("200 while messages can be stored", "Any", "503")},
        OPENAPI_PATH: {"get": _operation("This document", "Any")},
    }


def _operation(summary: str, answer: str, *refusals: str) -> Document:
    good = {"description": "Done", "content": {"application/json": {"schema": _ref(answer)}}}
    return {"summary": summary, "responses": {"200": good} | _refused(*refusals)}


def _refused(*statuses: str) -> Document:
    retry = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}}
    content = {"application/json": {"schema": _ref("Error")}}
    return {
        status: {"description": _REFUSALS[status], "content": content}
        | ({"headers": retry} if status in _AGAIN else {})
        for status in statuses
    }


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Document:
    text = {"type": "string"}
    optional = {"type": ["string", "null"]}
    codes = [str(code) for code in (*Refusal, *ErrorCode)]
    error = {"code": {"enum": codes}, "field": optional, "message": text, "link": text}
    rejected = {"index": {"type": "integer"}, "messageId": optional, "code": {"enum": codes}, "message": text}
    stored = {"success": {"const": True}}
    batch = {"type": "array", "maxItems": BATCH_MESSAGES, "items": _ref("Message")}
    return {
        "Any": {"type": "object"},
        "Message": _object(
            {"type": {"enum": [str(kind) for kind in MessageType]}, "messageId": text, "writeKey": text}
        ),
        "Batch": _object({"batch": batch, "context": {"type": "object"}, "sentAt": text, "writeKey": text}, "batch"),
        **_other_schemas(),
        "Stored": _object(stored, *stored),
        "BatchStored": _object(
            stored
            | {"accepted": {"type": "integer"}, "rejected": {"type": "array", "items": _object(rejected, *rejected)}},
            *("success", "accepted", "rejected"),
        ),
        "Error": _object(
            {"success": {"const": False}, "code": {"enum": codes}, "message": text, "error": _object(error, *error)},
            *("success", "code", "message", "error"),
        ),
    }


def _other_schemas() -> Document:
    text, anything = {"type": "string"}, {"type": "object"}
    event = _object({"name": text, "params": anything}, "name")
    events = {"type": "array", "maxItems": BATCH_MESSAGES, "items": event}
    ids = {"client_id": text, "user_id": text, "timestamp_micros": {"type": ["integer", "string"]}}
    wrong = _object({"fieldPath": text, "description": text, "validationCode": text})
    return {
        "Ga4": _object(ids | {"events": events}, "events"),
        "Snowplow": _object({"schema": text, "data": {"type": "array", "items": anything}}, "data"),
        "Order": _object({"id": {"type": ["integer", "string"]}}, "id"),
        "Validation": _object({"validationMessages": {"type": "array", "items": wrong}}, "validationMessages"),
    }


def _object(properties: Document, *required: str) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


def _security() -> Document:
    return {
        "basic": {"type": "http", "scheme": "basic", "description": "The write key is the user name."},
        "query": {"type": "apiKey", "in": "query", "name": "writeKey"},
        "header": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
    }
