"""The collector's API as an OpenAPI document; `docs/collector-openapi.json` is printed from it, `/openapi.json` serves it."""

from typing import Any

from collector.answers import Refusal
from collector.intake import DOORS, PIXELS
from collector.splitting import BATCH_MESSAGES
from contracts.errors import ErrorCode
from contracts.events import MessageType

OPENAPI_PATH = "/openapi.json"
Document = dict[str, Any]
_REFUSALS: dict[str, str] = {
    "400": "The body or the message is bad; it is kept in the shop's error inbox.",
    "401": "There is no write key, or it is not valid, or it was revoked; nothing is kept.",
    "403": "The page is on a host that the shop has not listed; nothing is kept.",
    "408": "The body did not come in time; nothing is kept. Send the same request again.",
    "413": "The body or the message is too large; its beginning is kept in the shop's error inbox.",
    "429": "The key or the address sends more than it may; nothing is kept. Send the same request again later.",
    "503": "The messages could not be stored now; nothing was promised. Send the same request again later.",
}
_AGAIN = ("408", "429", "503")
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
        "paths": _doors() | _pixels() | _pages(),
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
    key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
    settings = _operation("The settings document of @segment/analytics-next", "Any", "401", "503")
    return {
        "/v1/projects/{key}/settings": {"get": settings | {"parameters": [key]}},
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


def _object(properties: Document, *required: str) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


def _security() -> Document:
    return {
        "basic": {"type": "http", "scheme": "basic", "description": "The write key is the user name."},
        "query": {"type": "apiKey", "in": "query", "name": "writeKey"},
        "header": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
    }
