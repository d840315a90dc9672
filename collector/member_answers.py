"""What a sender is told of its messages, once they are acknowledged."""

from collections.abc import Iterable

from collector.answers import ACCEPTED, Answer, bad_message, json_answer, sentence
from collector.splitting import Member


def single_answer(member: Member) -> Answer:
    return ACCEPTED if member.reject is None else bad_message(member.reject.code, member.reject.field)


def batch_answer(members: list[Member], places: Iterable[int]) -> Answer:
    """`places` are those of the members in the client's request."""
    rejected = [
        {
            "index": place,
            "messageId": member.message_id,
            "code": str(member.reject.code),
            "message": sentence(member.reject.code),
        }
        for place, member in zip(places, members, strict=True)
        if member.reject is not None
    ]
    return json_answer(200, {"success": True, "accepted": len(members) - len(rejected), "rejected": rejected})
