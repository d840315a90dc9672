"""Messages in: key, body, members, envelopes, acknowledgement, answer, in this order."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from collector.adapters.mapped import Call
from collector.answers import ACCEPTED, Answer, Refusal, Refused, bad_message, error, unavailable
from collector.body import BodyTooLarge, NotGzip, size_to_hold, unpacked
from collector.envelopes import Arrival, envelope_of, received_now
from collector.hosts import PageHosts
from collector.keys_door import KeysDoor, query_key
from collector.member_answers import batch_answer, single_answer
from collector.other_doors import OtherDoor, keys_outside
from collector.pixel import PICTURE, message_of
from collector.process import Process
from collector.producer import Broker, Undelivered
from collector.rates import Rate
from collector.sender import addresses, kept_user_agent
from collector.serving.request import Request
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
_NOT_STORED = unavailable("The messages could not be stored.")

Answering = Callable[[Request, Answer], None]


class Body(NamedTuple):
    """A body as it was read; `reject` says why it cannot be split."""

    content: bytes
    reject: Reject | None


class Intake:
    """Takes requests to the message doors. One an event loop."""

    def __init__(
        self,
        keys: KeysDoor,
        pages: PageHosts,
        broker: Broker,
        process: Process,
        settings: Settings,
        answer: Answering,
    ) -> None:
        self._keys = keys
        self._pages = pages
        self._metrics = process.metrics
        self._broker = broker
        self._waiting = process.waiting
        self._answer = answer
        self._of_key = Rate(settings.key_messages_per_second)
        self._of_address = Rate(settings.address_requests_per_second)

    def look_at_head(self, request: Request) -> None:
        """Of a request to a message door, before its body is read. Raises Refused (401, 429, 503)."""
        self._count_address(request)
        key = self._keys.of_basic(request.headers.get("authorization"))
        if key is not None:
            self._of_key.look(_sender(key))
            request.key = key
        self._keep_body(request)

    def look_at_head_of_other(self, door: OtherDoor, request: Request) -> None:
        """As `look_at_head`, of a request that an adapter reads."""
        self._count_address(request)
        early = keys_outside(door, request)
        if any(text for _, text in early):
            request.key = self._keys.admit(*early)
            self._of_key.look(_sender(request.key))
        self._keep_body(request)

    def look_at_head_only(self, request: Request) -> None:
        """As `look_at_head`, where the key is looked for later. Raises Refused (429, 503)."""
        self._count_address(request)
        self._keep_body(request)

    def receive(self, door: Door, request: Request) -> None:
        """Answers once every message is acknowledged. Raises Refused (401, 403, 429, 503)."""
        self._take(door, request, _body_of(request), self._answer)

    def receive_other(self, door: OtherDoor, request: Request) -> None:
        """As `receive`, with an adapter between the client's bytes and the messages."""
        self._translate(door, request, _body_of(request), self._answer)

    def receive_address(self, door: OtherDoor, request: Request) -> None:
        """Answers with the picture, once the event that stands in the address is acknowledged. Raises Refused (401, 403, 429, 503)."""
        self._count_address(request)
        by_get = door._replace(reads=door.sends_by_get or door.reads)
        self._translate(by_get, request, Body(b"", None), self._answer_with_picture)

    def looked_at(self, door: OtherDoor, request: Request) -> Translated | Reject:
        """What would come of a request; nothing is stored. Raises Refused (401, 429)."""
        body = _body_of(request)
        sender = _sender(self._keys.admit(*keys_outside(door, request)))
        self._of_key.look(sender)
        parts = body.reject or door.reads(_call(request, body))
        found = parts if isinstance(parts, Reject) else translated(parts)
        self._of_key.take(sender, _work(body, found))
        return found

    def receive_pixel(self, door: Door, request: Request) -> None:
        """Answers with the picture, once its message is acknowledged. Raises Refused (401, 429, 503)."""
        self._count_address(request)
        request.key = self._keys.of_basic(request.headers.get("authorization"))
        content = message_of(request.query)
        bad = None if content is not None else Reject(ErrorCode.BAD_JSON, "data")
        body = Body(request.query.encode(errors="replace") if content is None else content, bad)
        self._take(door, request, body, self._answer_with_picture)

    def discard(self, request: Request) -> Answer:
        """What an SDK says about itself: its body is read within its bound, and nothing of it kept. Raises Refused (429)."""
        self._count_address(request)
        return ACCEPTED

    def _take(self, door: Door, request: Request, body: Body, answer: Answering) -> None:
        parcel = body.reject or (split_batch(body.content) if door is BATCH else split_single(body.content))
        key = request.key or self._keys.admit(
            ("writeKey", parcel.write_key if isinstance(parcel, Parcel) else None),
            ("writeKey", query_key(request.query)),
            ("x-write-key", request.headers.get("x-write-key")),
        )
        self._pages.check(key, request.headers)
        self._of_key.take(_sender(key), len(parcel.members) if isinstance(parcel, Parcel) else 1)
        if isinstance(parcel, Reject):
            self._refuse_body(request, _arrival(door.name, request, key), body.content, parcel, answer)
            return
        members = [read_member(member, door.type, parcel.single) for member in parcel.members]
        reply = batch_answer(members, range(len(members))) if door is BATCH else single_answer(members[0])
        arrival = _arrival(door.name, request, key, parcel.sent_at, parcel.context)
        self._store(request, arrival, members, reply, answer)

    def _translate(self, door: OtherDoor, request: Request, body: Body, answer: Answering) -> None:
        if door.is_ping(body.content):
            request.key or self._keys.admit(*keys_outside(door, request))
            answer(request, batch_answer([], []))
            return
        call = _call(request, body)
        proven = self._proven(door, request, call, body) if door.proves else None
        parts = body.reject or door.reads(call)
        own = None if isinstance(parts, Reject) else parts.key
        key = proven or request.key or self._keys.admit(*keys_outside(door, request), (door.place, own))
        self._pages.check(key, request.headers)
        found = parts if isinstance(parts, Reject) else translated(parts)
        self._of_key.take(_sender(key), _work(body, found))
        arrival = _arrival(door.name, request, key)._replace(adapter=door.version)
        if isinstance(found, Reject):
            content = body.content or call.query.encode(errors="replace")
            self._refuse_body(request, arrival, content, found, answer)
            return
        if not isinstance(parts, Reject) and parts.topic:
            arrival = arrival._replace(door=f"{door.name}/{parts.topic}")
        self._store(request, arrival, found.members, batch_answer(found.members, found.places), answer)

    def _proven(self, door: OtherDoor, request: Request, call: Call, body: Body) -> WriteKey:
        """A server's key, since only the shop's server knows the secret. Of what is not signed nothing is kept."""
        key = request.key or self._keys.admit(*keys_outside(door, request))
        if body.reject:
            raise Refused(bad_message(body.reject.code, body.reject.field))
        if door.proves is None or not door.proves(call, key, self._keys.secret_of(key)):
            raise Refused(error(403, Refusal.BAD_SIGNATURE, "signature", _BAD_SIGNATURE))
        return replace(key, kind=KeyKind.SERVER)

    def _refuse_body(self, request: Request, arrival: Arrival, content: bytes, why: Reject, answer: Answering) -> None:
        """A body that cannot be split is one message received, and one rejected."""
        member = Member(None, content, None, why)
        self._store(request, arrival, [member], bad_message(why.code, why.field), answer)

    def _store(
        self, request: Request, arrival: Arrival, members: list[Member], reply: Answer, answer: Answering
    ) -> None:
        """Answers with `reply` once all is acknowledged. Raises Refused (503)."""
        if not members:
            answer(request, reply)
            return
        rejected = [member.reject.code for member in members if member.reject is not None]

        def done(is_stored: bool) -> None:
            if is_stored:
                self._metrics.stored(None, len(members) - len(rejected))
                for code in rejected:
                    self._metrics.stored(code)
            answer(request, reply if is_stored else _NOT_STORED)

        try:
            self._broker.deliver([envelope_of(arrival, member) for member in members], done)
        except Undelivered as problem:
            raise Refused(_NOT_STORED) from problem

    def _answer_with_picture(self, request: Request, answer: Answer) -> None:
        self._answer(request, PICTURE if answer.status == 200 else answer)

    def _keep_body(self, request: Request) -> None:
        """Raises Refused (503) where there is no memory for it."""
        self._waiting.hold(request, size_to_hold(request.headers.get("content-length")))
        request.keeps_body = True

    def _count_address(self, request: Request) -> None:
        sender = request.sender = addresses(request.client, request.headers.get("x-forwarded-for"))
        if sender.limited is not None:
            self._of_address.take(sender.limited)


def _sender(key: WriteKey) -> tuple[str, bool]:
    """Whose messages are counted: a shop's pages apart from its servers."""
    return key.merchant, key.kind is KeyKind.PAGE


def _work(body: Body, found: Translated | Reject) -> int:
    """As how many messages a request counts: what became too many was the work of as many as there may be."""
    if isinstance(found, Translated):
        return len(found.members)
    return BATCH_MESSAGES if found.code is ErrorCode.TOO_LARGE and body.reject is None else 1


def _call(request: Request, body: Body) -> Call:
    return Call(request.query, body.content, request.headers.get)


def _arrival(
    door: str, request: Request, key: WriteKey, sent_at: str | None = None, context: str | None = None
) -> Arrival:
    return Arrival(
        key=key,
        received_at=received_now(),
        door=door,
        ip=request.sender and request.sender.kept,
        user_agent=kept_user_agent(request.headers.get("user-agent")),
        sent_at=sent_at,
        context=context,
    )


def _body_of(request: Request) -> Body:
    if request.is_cut:
        return Body(request.body, Reject(ErrorCode.TOO_LARGE, None))
    try:
        return Body(unpacked(request.body), None)
    except BodyTooLarge as large:
        return Body(large.head, Reject(ErrorCode.TOO_LARGE, None))
    except NotGzip:
        return Body(request.body, Reject(ErrorCode.BAD_JSON, None))
