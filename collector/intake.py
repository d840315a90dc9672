"""Messages in: key, body, members, envelopes, acknowledgement, answer, in this order."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from granian.rsgi import ProtocolClosed

from collector.adapters.mapped import Call
from collector.answers import (
    ACCEPTED,
    Answer,
    Refusal,
    Refused,
    bad_message,
    error,
    too_slow,
    unavailable,
)
from collector.body import BodyTooLarge, NotGzip, Waiting, drop_body, read_body, size_to_hold, unpacked
from collector.envelopes import Request, envelope_of, envelope_of_body, received_now
from collector.hosts import PageHosts
from collector.keys_door import KeysDoor, basic_user, query_key
from collector.member_answers import batch_answer, single_answer
from collector.metrics import Metrics
from collector.other_doors import OtherDoor, keys_outside
from collector.pixel import PICTURE, message_of
from collector.producer import Broker, Undelivered
from collector.rates import Rate
from collector.sender import kept_address, kept_user_agent, limited_address
from collector.splitting import BATCH_MESSAGES, Member, Parcel, Reject, read_member, split_batch, split_single
from collector.translating import Translated, translated
from contracts.errors import ErrorCode
from contracts.events import MessageType
from contracts.keys import KeyKind, WriteKey
from contracts.settings import Settings


class Door(NamedTuple):
    """Where messages come in; `type` is that of a message without one, None for batches."""

    name: str
    type: MessageType | None


BATCH = Door("v1/batch", None)
DOORS: dict[str, Door] = {
    f"/v1/{path}": door
    for door in (*(Door(f"v1/{kind}", kind) for kind in MessageType), BATCH)
    for path in (door.name.removeprefix("v1/"), door.name.removeprefix("v1/")[0])
} | {"/v1/import": BATCH, "/beacon/v1/batch": BATCH}
"""`/v1/track` and `/v1/t`, and so on; what older Segment SDKs and RudderStack's beacon send are batches, too."""
_BAD_SIGNATURE = "The signature does not fit: copy address and secret again from the shop's settings page."
PIXELS: dict[str, Door] = {f"/v1/pixel/{kind}": Door("v1/pixel", kind) for kind in MessageType}


_Read = TypeVar("_Read")


class Body(NamedTuple):
    """A body as it was read; `reject` says why it cannot be split."""

    content: bytes
    reject: Reject | None


class Intake:
    """Takes requests to the message doors. One an event loop."""

    def __init__(self, keys: KeysDoor, pages: PageHosts, broker: Broker, metrics: Metrics, settings: Settings) -> None:
        self._keys = keys
        self._pages = pages
        self._metrics = metrics
        self._broker = broker
        self._waiting = Waiting()
        self._read_seconds = settings.slow_client_seconds
        self._of_key = Rate(settings.key_messages_per_second)
        self._of_address = Rate(settings.address_requests_per_second)

    @property
    def held_bytes(self) -> int:
        return self._waiting.held_bytes

    async def receive(self, door: Door | OtherDoor, scope: Any, protocol: Any) -> Answer:
        """The answer, once every message is acknowledged. Raises Refused (401, 403, 408, 429, 503)."""
        self._count_address(scope)
        user = basic_user(scope.headers.get("authorization"))
        early = keys_outside(door, scope) if isinstance(door, OtherDoor) else [("authorization", user)]
        if any(text for _, text in early):
            self._of_key.take(_sender(self._keys.admit(*early)), 0)
        held = size_to_hold(scope.headers.get("content-length"))
        self._waiting.hold(held)
        try:
            body = await self._in_time(_read(scope, protocol))
            if isinstance(door, OtherDoor):
                return await self._translated(door, scope, body)
            return await self._taken(door, scope, user, body)
        finally:
            self._waiting.release(held)

    async def receive_address(self, door: OtherDoor, scope: Any) -> Answer:
        """The picture, once the event that stands in the address is acknowledged. Raises Refused (401, 403, 429, 503)."""
        self._count_address(scope)
        by_get = door._replace(reads=door.sends_by_get or door.reads)
        answer = await self._translated(by_get, scope, Body(b"", None))
        return PICTURE if answer.status == 200 else answer

    async def look_at(self, door: OtherDoor, scope: Any, protocol: Any) -> Translated | Reject:
        """What would come of a request; nothing is stored. Raises Refused (401, 408, 429, 503)."""
        self._count_address(scope)
        held = size_to_hold(scope.headers.get("content-length"))
        self._waiting.hold(held)
        try:
            body = await self._in_time(_read(scope, protocol))
        finally:
            self._waiting.release(held)
        sender = _sender(self._keys.admit(*keys_outside(door, scope)))
        self._of_key.take(sender, 0)
        parts = body.reject or door.reads(_call(scope, body))
        found = parts if isinstance(parts, Reject) else translated(parts)
        self._of_key.take(sender, _work(body, found))
        return found

    async def receive_pixel(self, door: Door, scope: Any) -> Answer:
        """The picture, once its message is acknowledged. Raises Refused (401, 429, 503)."""
        self._count_address(scope)
        content = message_of(scope.query_string)
        bad = None if content is not None else Reject(ErrorCode.BAD_JSON, "data")
        body = Body(scope.query_string.encode() if content is None else content, bad)
        answer = await self._taken(door, scope, basic_user(scope.headers.get("authorization")), body)
        return PICTURE if answer is ACCEPTED else answer

    async def discard(self, scope: Any, protocol: Any) -> Answer:
        """Reads a body within its bound and keeps nothing of it: what an SDK says about itself. Raises Refused (408, 429)."""
        self._count_address(scope)
        await self._in_time(drop_body(protocol))
        return ACCEPTED

    async def _taken(self, door: Door, scope: Any, user: str | None, body: Body) -> Answer:
        parcel = body.reject or (split_batch(body.content) if door is BATCH else split_single(body.content))
        key = self._keys.admit(
            ("authorization", user),
            ("writeKey", parcel.write_key if isinstance(parcel, Parcel) else None),
            ("writeKey", query_key(scope.query_string)),
            ("x-write-key", scope.headers.get("x-write-key")),
        )
        self._pages.check(key, scope.headers)
        self._of_key.take(_sender(key), len(parcel.members) if isinstance(parcel, Parcel) else 1)
        if isinstance(parcel, Reject):
            return await self._refuse_body(_request(door.name, scope, key), body.content, parcel)
        request = _request(door.name, scope, key, parcel.sent_at, parcel.context)
        members = [read_member(member, door.type, parcel.single) for member in parcel.members]
        await self._store(request, members)
        return batch_answer(members, range(len(members))) if door is BATCH else single_answer(members[0])

    async def _translated(self, door: OtherDoor, scope: Any, body: Body) -> Answer:
        """As `_taken`, with an adapter between the client's bytes and the messages."""
        if door.is_ping(body.content):
            self._keys.admit(*keys_outside(door, scope))
            return batch_answer([], [])
        call = _call(scope, body)
        proven = self._proven(door, scope, call, body) if door.proves else None
        parts = body.reject or door.reads(call)
        own = None if isinstance(parts, Reject) else parts.key
        key = proven or self._keys.admit(*keys_outside(door, scope), (door.place, own))
        self._pages.check(key, scope.headers)
        found = parts if isinstance(parts, Reject) else translated(parts)
        self._of_key.take(_sender(key), _work(body, found))
        request = _request(door.name, scope, key)._replace(adapter=door.version)
        if isinstance(found, Reject):
            return await self._refuse_body(request, body.content or call.query.encode(errors="replace"), found)
        if not isinstance(parts, Reject) and parts.topic:
            request = request._replace(door=f"{door.name}/{parts.topic}")
        await self._store(request, found.members)
        return batch_answer(found.members, found.places)

    def _proven(self, door: OtherDoor, scope: Any, call: Call, body: Body) -> WriteKey:
        """A server's key, since only the shop's server knows the secret. Of what is not signed nothing is kept."""
        key = self._keys.admit(*keys_outside(door, scope))
        if body.reject:
            raise Refused(bad_message(body.reject.code, body.reject.field))
        if door.proves is None or not door.proves(call, key, self._keys.secret_of(key)):
            raise Refused(error(403, Refusal.BAD_SIGNATURE, "signature", _BAD_SIGNATURE))
        return replace(key, kind=KeyKind.SERVER)

    async def _refuse_body(self, request: Request, content: bytes, why: Reject) -> Answer:
        await self._deliver([envelope_of_body(request, content, why)])
        self._metrics.stored(why.code)
        return bad_message(why.code, why.field)

    async def _store(self, request: Request, members: list[Member]) -> None:
        await self._deliver([envelope_of(request, member) for member in members])
        for member in members:
            self._metrics.stored(member.reject and member.reject.code)

    async def _in_time(self, reading: Coroutine[Any, Any, _Read]) -> _Read:
        """Raises Refused (408), also where the client has hung up: that is no failure of ours, and nobody hears the answer."""
        try:
            async with asyncio.timeout(self._read_seconds):
                return await reading
        except (TimeoutError, ProtocolClosed) as error:
            raise Refused(too_slow()) from error

    def _count_address(self, scope: Any) -> None:
        address = limited_address(scope.client, scope.headers.get("x-forwarded-for"))
        if address is not None:
            self._of_address.take(address)

    async def _deliver(self, envelopes: list[bytes]) -> None:
        try:
            await self._broker.deliver(envelopes)
        except Undelivered as error:
            raise Refused(unavailable("The messages could not be stored.")) from error


def _sender(key: WriteKey) -> tuple[str, KeyKind]:
    return key.merchant, key.kind


def _work(body: Body, found: Translated | Reject) -> int:
    """As how many messages a request counts: what became too many was the work of as many as there may be."""
    if isinstance(found, Translated):
        return len(found.members)
    return BATCH_MESSAGES if found.code is ErrorCode.TOO_LARGE and body.reject is None else 1


def _call(scope: Any, body: Body) -> Call:
    return Call(scope.query_string, body.content, scope.headers.get)


def _request(door: str, scope: Any, key: WriteKey, sent_at: str | None = None, context: str | None = None) -> Request:
    headers = scope.headers
    return Request(
        key=key,
        received_at=received_now(),
        door=door,
        ip=kept_address(scope.client, headers.get("x-forwarded-for")),
        user_agent=kept_user_agent(headers.get("user-agent")),
        sent_at=sent_at,
        context=context,
    )


async def _read(scope: Any, protocol: Any) -> Body:
    try:
        body = await read_body(protocol, scope.headers.get("content-length"))
    except BodyTooLarge as large:
        return Body(large.head, Reject(ErrorCode.TOO_LARGE, None))
    try:
        return Body(unpacked(body), None)
    except BodyTooLarge as large:
        return Body(large.head, Reject(ErrorCode.TOO_LARGE, None))
    except NotGzip:
        return Body(body, Reject(ErrorCode.BAD_JSON, None))
