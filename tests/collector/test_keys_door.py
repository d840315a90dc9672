"""Write keys: where they are looked for, and in which order."""

from base64 import b64encode

import pytest

from collector.answers import Refused
from collector.keys_door import KeysDoor, basic_user, query_key
from contracts.keys import KeyKind
from tests.collector.running import SECRETS, key_of


def basic(user: str) -> str:
    return "Basic " + b64encode(f"{user}:".encode()).decode()


@pytest.mark.parametrize(
    ("header", "user"),
    [
        (basic("wk1.p"), "wk1.p"),
        (basic("wk1.p").replace("Basic", "basic"), "wk1.p"),
        (basic(""), None),
        ("Bearer abc", None),
        ("Basic !!!", None),
        ("Basic /w==", None),
        ("", None),
        (None, None),
    ],
)
def test_the_user_of_basic_authorization(header, user):
    assert basic_user(header) == user


def test_the_key_of_a_query():
    assert query_key("a=1&writeKey=wk1.p.x") == "wk1.p.x"
    assert query_key("a=1") is None


def test_the_first_place_with_a_key_counts():
    door = KeysDoor(SECRETS)
    key = door.admit(("authorization", None), ("writeKey", key_of("amber", KeyKind.SERVER)), ("x-write-key", "bad"))
    assert (key.merchant, key.kind) == ("amber", KeyKind.SERVER)
    with pytest.raises(Refused):
        door.admit(("authorization", "bad"), ("writeKey", key_of("amber")))


@pytest.mark.parametrize(
    "change", [lambda key: key[:-1] + "0g"[key[-1] == "0"], lambda key: key.replace("amber", "birch"), str.upper]
)
def test_a_changed_key_is_refused(change):
    with pytest.raises(Refused) as refused:
        KeysDoor(SECRETS).admit(("writeKey", change(key_of("amber"))))
    assert refused.value.answer.status == 401


def test_no_key_is_refused():
    with pytest.raises(Refused) as refused:
        KeysDoor(SECRETS).admit(("authorization", None), ("writeKey", ""))
    assert refused.value.answer.status == 401
