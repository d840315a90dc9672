"""What the topic of ready messages may hold besides: it is left out, and the next message is heard."""

import json

import pytest

from contracts.names import Collection
from report_app.live.outbox import Outbox
from tests.report_app.hooked import webhook

READY = {"v": 1, "ready_id": "7/nordlicht", "merchant": "nordlicht", "reports": [], "at": "2099-01-01T00:00:00Z"}
ODD = [
    None, b"", b"\xff", b"null", b"[]", b"7", b"{}", b"[" * 100_000,
    *(json.dumps(READY | odd).encode() for odd in ({"merchant": 7}, {"merchant": "../x"}, {"ready_id": None}, {"at": "soon"})),
    json.dumps(READY | {"at": "2099-01-01"}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_what_is_no_ready_message_is_left_out(database, value):
    database[Collection.WEBHOOKS].insert_one(webhook(merchant="nordlicht"))
    outbox = Outbox(database)
    outbox.hear(value)
    assert database[Collection.WEBHOOK_DELIVERIES].count_documents({}) == 0
    outbox.hear(json.dumps(READY).encode())
    assert database[Collection.WEBHOOK_DELIVERIES].count_documents({}) == 1
