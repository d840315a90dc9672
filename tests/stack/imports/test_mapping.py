"""The rees46 mapping and mappings of others."""

from hashlib import sha256

import pytest

from stack.imports.declared import read_mapping
from stack.imports.mapping import BadMapping, BadRow

ROW = {
    "event_time": "2019-10-01 00:00:05 UTC",
    "event_type": "view",
    "product_id": "44600062",
    "category_id": "2103807459595387724",
    "category_code": "apparel.shoes",
    "brand": "shiseido",
    "price": "35.79",
    "user_id": "541312140",
    "user_session": "72d76fde",
}


def message(**overrides: str) -> dict:
    columns = ROW | overrides
    return read_mapping("rees46").message_of(columns, ",".join(columns.values()).encode())


def test_a_view_is_product_viewed_at_the_files_time():
    found = message()
    assert found["type"] == "track"
    assert found["event"] == "Product Viewed"
    assert found["anonymousId"] == "541312140"
    assert found["timestamp"] == "2019-10-01T00:00:05Z"
    assert found["properties"] == {
        "product_id": "44600062",
        "category": "apparel.shoes",
        "brand": "shiseido",
        "price": "35.79",
        "currency": "USD",
    }


def test_a_cart_row_adds_one_product():
    found = message(event_type="cart")
    assert found["event"] == "Product Added"
    assert found["properties"]["quantity"] == 1


def test_a_purchase_is_an_order_of_its_session_time_and_product():
    found = message(event_type="purchase")
    assert found["event"] == "Order Completed"
    assert found["properties"]["order_id"] == "72d76fde/2019-10-01 00:00:05 UTC/44600062"
    assert found["properties"]["revenue"] == "35.79"
    assert found["properties"]["currency"] == "USD"
    assert found["properties"]["products"][0]["price"] == "35.79"


def test_empty_columns_are_left_out():
    assert set(message(brand="", category_code="")["properties"]) == {"product_id", "price", "currency"}


def test_the_id_is_that_of_the_rows_bytes():
    assert message()["messageId"] == sha256(",".join(ROW.values()).encode()).hexdigest()
    assert message()["messageId"] == message()["messageId"]
    assert message()["messageId"] != message(price="35.80")["messageId"]


@pytest.mark.parametrize(
    "overrides", [{"event_type": "refund"}, {"event_time": "yesterday"}, {"event_time": "2019-13-01 00:00:00 UTC"}]
)
def test_a_row_that_does_not_fit_is_named(overrides):
    with pytest.raises(BadRow):
        message(**overrides)


def test_an_unknown_mapping_lists_those_that_exist():
    with pytest.raises(BadMapping, match="rees46"):
        read_mapping("nobody")


def test_a_mapping_of_ones_own_is_a_file(tmp_path):
    own = tmp_path / "till.toml"
    own.write_text(
        '[row]\nkind = "k"\ntime = "t"\ntime_format = "%d.%m.%Y"\n[message]\ntype = "track"\n'
        '[events.sale]\nevent = "Order Completed"\nproperties = { order_id = "{no}" }\n'
    )
    found = read_mapping(str(own)).message_of({"k": "sale", "t": "24.12.2025", "no": "7"}, b"row")
    assert found["timestamp"] == "2025-12-24T00:00:00Z"
    assert found["properties"] == {"order_id": "7"}


@pytest.mark.parametrize("text", ["[row", "[row]\nkind = 'k'\n"])
def test_a_broken_mapping_says_where(tmp_path, text):
    own = tmp_path / "broken.toml"
    own.write_text(text)
    with pytest.raises(BadMapping, match=r"broken\.toml"):
        read_mapping(str(own))
