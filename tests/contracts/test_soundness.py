"""A stored report is believed when it is whole and keeps its sums, and not after any change of it."""

import copy

import pytest

from contracts.reports import Family, report_checksum
from contracts.soundness import is_of, is_sound
from tests.report_app.documents import product, products, quality, sales, scope, traffic

HOUR, DAY = "2026-11-23T09:00Z", "2026-11-23"
DOLLARS = {"USD": sales(amounts={"sales": 900, "discount": 100})["converted"] | {"orders": 1}}
CONTENTS = {
    Family.TRAFFIC: traffic(["a"], events=5, page_views=4, cookieless=1)[0],
    Family.SALES: sales(amounts={"sales": 900, "discount": 100, "orders": 1}, orders=2, unconverted=DOLLARS),
    Family.QUALITY: quality(received=5, accepted=4, rejected=1, rejected_by_code={"bad_time": 1}),
    Family.PRODUCTS: products(product("a", revenue=900), product("b", views=2)),
}


def stored(family, **receipt):
    key = DAY if family is Family.PRODUCTS else HOUR
    return scope(family, "nordlicht", key, copy.deepcopy(CONTENTS[family]), **receipt)


def believed(family, found):
    return is_sound("nordlicht", family, DAY if family is Family.PRODUCTS else HOUR, found)


def changed(found, path, value):
    *above, last = path.split(".")
    for name in above:
        found = found[int(name)] if isinstance(found, list) else found[name]
    found[last] = value


def sealed(family, path, value):
    """The content changed before its checksum was taken: only the sums can tell."""
    content = copy.deepcopy(CONTENTS[family])
    changed(content, path, value)
    return scope(family, "nordlicht", DAY if family is Family.PRODUCTS else HOUR, content)


@pytest.mark.parametrize("family", Family)
def test_a_whole_report_is_believed(family):
    assert believed(family, stored(family, received=3, returned=1, accepted=2, bot=1, duplicate=1))


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("content", None),
        ("content.currency", "x"),
        ("receipt", None),
        ("receipt.received", 1),
        ("receipt.received", "0"),
        ("receipt.accepted", None),
        ("receipt.last_event_at", 7),
        ("receipt.versions", None),
        ("receipt.run", None),
        ("checksum", None),
        ("checksum", "0" * 64),
        ("version", None),
        ("version.sequence", 2**60),
        ("version.epoch", [1]),
        ("receipt.sequence", 4),
    ],
)
def test_a_changed_report_is_not(family, path, value):
    found = stored(family)
    changed(found, path, value)
    assert not believed(family, found)


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("found", [None, [], "text", 7, {}, {"content": {}}])
def test_what_is_no_report_is_not(family, found):
    assert not believed(family, found)


@pytest.mark.parametrize(
    ("family", "path", "value"),
    [
        (Family.TRAFFIC, "page_views", 6),
        (Family.TRAFFIC, "visitors", 6),
        (Family.TRAFFIC, "cookieless", -1),
        (Family.QUALITY, "received", 6),
        (Family.QUALITY, "duplicate", 1),
        (Family.QUALITY, "rejected_by_code", {}),
        (Family.SALES, "converted.sales", 901),
        (Family.SALES, "unconverted.USD.gross", 901),
        (Family.SALES, "by_currency.EUR.discount", 0),
        (Family.SALES, "orders", 3),
        (Family.SALES, "units_milli", "3"),
        (Family.PRODUCTS, "rows.0.revenue", None),
        (Family.PRODUCTS, "rows.0.key", "b"),
        (Family.PRODUCTS, "not_on_product", {}),
    ],
)
def test_sums_that_do_not_come_out_are_not_believed_under_any_checksum(family, path, value):
    found = sealed(family, path, value)
    assert found["checksum"] == report_checksum(
        "nordlicht", family, DAY if family is Family.PRODUCTS else HOUR, found["content"]
    )
    assert not believed(family, found)


def test_another_place_or_shop_is_noticed():
    assert not is_sound("other", Family.SALES, HOUR, stored(Family.SALES))
    assert not is_sound("nordlicht", Family.SALES, "2026-11-23T10:00Z", stored(Family.SALES))


@pytest.mark.parametrize("field", ["schema", "merchant", "settings_version", "family", "day"])
def test_a_document_says_whose_it_is(field):
    document = {"schema": 1, "merchant": "nordlicht", "settings_version": 1, "family": "sales", "day": DAY}
    arguments = ("nordlicht", 1, Family.SALES, DAY)
    assert is_of(document, *arguments)
    assert not is_of(document | {field: "?"}, *arguments)
    assert not is_of(None, *arguments)
