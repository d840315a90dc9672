"""The two lines for a shop's pages, as the settings page shows them."""

from html import unescape

import pytest

from contracts.names import Collection
from report_app.pages.keys import STUB
from tests.report_app.documents import merchant, user


@pytest.fixture
def shown(database, sign_in):
    """What the settings page of a shop with these hosts shows."""

    def do(**overrides) -> str:
        database[Collection.MERCHANTS].insert_one(merchant(**overrides))
        database[Collection.USERS].insert_one(user())
        return unescape(sign_in().get("/shops/nordlicht/settings").get_data(as_text=True))

    return do


def test_the_snippet_names_the_hosts_of_the_shop(shown):
    text = shown(hosts=["nordlicht.example", "pay.example"])
    assert STUB in text
    assert 'data-key="wk1.p.t1.nordlicht.1.' in text and ' data-hosts="nordlicht.example pay.example"></script>' in text


def test_a_shop_without_hosts_is_counted_wherever_its_page_is(shown):
    text = shown()
    assert "/footfall.js" in text and "data-hosts" not in text
