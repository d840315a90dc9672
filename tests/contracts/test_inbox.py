import pytest

from contracts.inbox import CUSTOM_EVENT, cause_id, cause_of, returned_id, split_id


@pytest.mark.parametrize(
    ("envelope_id", "parts"),
    [
        ("0193-a", ("0193-a", 0)),
        ("0193-a/r1", ("0193-a", 1)),
        ("topic/3/41/r12", ("topic/3/41", 12)),
        ("topic/r/41", ("topic/r/41", 0)),
        ("a/r0", ("a/r0", 0)),
        ("a/r\u00b2", ("a/r\u00b2", 0)),
        ("a/r" + "9" * 5_000, ("a/r" + "9" * 5_000, 0)),
        ("/r1", ("/r1", 0)),
    ],
)
def test_a_returned_id_is_its_first_one_and_the_attempt(envelope_id, parts):
    assert split_id(envelope_id) == parts


def test_ids_are_put_together_as_they_are_split():
    assert split_id(returned_id("topic/3/41", 7)) == ("topic/3/41", 7)


def test_a_cause_knows_no_line_and_no_name_that_clients_make_up():
    one = cause_of("amber", "bad_amount", "properties.products[3].price", "order_completed")
    other = cause_of("amber", "bad_amount", "properties.products[0].price", "Order Completed ")
    assert one == other
    assert (one["field"], one["event"]) == ("properties.products[].price", "Order Completed")
    assert cause_of("amber", "bad_time", None, "My own \ud800")["event"] == CUSTOM_EVENT
    assert cause_of("amber", "bad_time", None, {"name": "A"})["event"] is None


def test_causes_of_two_merchants_or_codes_are_two():
    ids = {cause_id(cause_of(merchant, code, None, None)) for merchant in ("a", "b", None) for code in ("x", "y")}
    assert len(ids) == 6
    assert cause_id(cause_of("a\ud800", "x", None, None))
