"""Messages in: key, body, members, envelopes, acknowledgement, answer, in this order."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar

from granian.rsgi import ProtocolClosed

from collector.answers import ACCEPTED, Answer, Refused, bad_message, json_answer, sentence, too_slow, unavailable
from collector.body import BodyTooLarge, NotGzip, Waiting, drop_body, read_body, size_to_hold, unpacked
from collector.envelopes import Request, envelope_of, envelope_of_body, received_now
from collector.hosts import PageHosts
from collector.keys_door import KeysDoor, basic_user, query_key
from collector.metrics import Metrics
from collector.pixel import PICTURE, message_of
from collector.producer import Broker, Undelivered
from collector.rates import Rate
from collector.sender import kept_address, kept_user_agent, limited_address
from collector.splitting import Member, Parcel, Reject, read_member, split_batch, split_single
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

    async def receive(self, door: Door, scope: Any, protocol: Any) -> Answer:
        """The answer, once every message is acknowledged. Raises Refused (401, 403, 408, 429, 503)."""
        self._count_address(scope)
        user = basic_user(scope.headers.get("authorization"))
        if user:
            self._of_key.take(_sender(self._keys.admit(("authorization", user))), 0)
        held = size_to_hold(scope.headers.get("content-length"))
        self._waiting.hold(held)
        try:
            return await self._taken(door, scope, user, await self._in_time(_read(scope, protocol)))
        finally:
            self._waiting.release(held)

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
        request = _request(door, scope, key)
        if isinstance(parcel, Reject):
            await self._deliver([envelope_of_body(request, body.content, parcel)])
            self._metrics.stored(parcel.code)
            return bad_message(parcel.code, parcel.field)
        request = request._replace(sent_at=parcel.sent_at, context=parcel.context)
        members = [read_member(member, door.type) for member in parcel.members]
        await self._deliver([envelope_of(request, member) for member in members])
        for member in members:
            self._metrics.stored(member.reject and member.reject.code)
        return _batch_answer(members) if door is BATCH else _single_answer(members[0])

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


def _request(door: Door, scope: Any, key: WriteKey) -> Request:
    headers = scope.headers
    return Request(
        key=key,
        received_at=received_now(),
        door=door.name,
        ip=kept_address(scope.client, headers.get("x-forwarded-for")),
        user_agent=kept_user_agent(headers.get("user-agent")),
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


def _single_answer(member: Member) -> Answer:
    return ACCEPTED if member.reject is None else bad_message(member.reject.code, member.reject.field)


def _batch_answer(members: list[Member]) -> Answer:
    rejected = [
        {
            "index": index,
            "messageId": member.message_id,
            "code": str(member.reject.code),
            "message": sentence(member.reject.code),
        }
        for index, member in enumerate(members)
        if member.reject is not None
    ]
    return json_answer(200, {"success": True, "accepted": len(members) - len(rejected), "rejected": rejected})
