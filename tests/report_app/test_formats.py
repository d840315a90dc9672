from datetime import date

import pytest

from report_app.formats import Formats, known_locale, three_digits


def formats(locale="en_GB", currency="EUR"):
    return Formats(locale, "Europe/Berlin", currency)


def test_money_carries_its_currency_and_no_more_digits_than_mean_something():
    assert formats().money(4821099) == "€48,210.99"
    assert formats().short_money(4821099) == "€48,211"
    assert formats().short_money(9950) == "€99.50"
    assert formats(currency="JPY").money(4821099) == "JP¥4,821,099"
    assert formats(currency="BHD").money(1234) == "BHD1.234"


def test_money_below_zero_has_a_minus_sign():
    assert formats().money(-1250) == "−€12.50"


def test_the_readers_locale_is_used():
    assert formats("de_DE").money(4821099) == "48.210,99\xa0€"


@pytest.mark.parametrize(("number", "shown"), [(7, 7), (999, 999), (1234, 1230), (19_850, 19_900), (995_500, 996_000)])
def test_estimates_have_three_digits(number, shown):
    assert three_digits(number) == shown


@pytest.mark.parametrize("name", [None, "", "xx_YY", "not a locale", "../../etc"])
def test_an_unknown_locale_falls_back(name):
    assert known_locale(name) == "en_GB"


def test_days_carry_the_year_where_it_is_not_this_one():
    today = date(2026, 11, 24)
    assert formats().days(date(2026, 10, 27), date(2026, 11, 23), today) == "27 Oct – 23 Nov"
    assert formats().days(date(2025, 12, 30), date(2026, 1, 2), today) == "30 Dec 2025 – 2 Jan 2026"
