from datetime import UTC, date, datetime

import pytest

from report_app.reading.ranges import BadRange, RangeName, read_view

NOW = datetime(2026, 11, 24, 13, 32, 48, tzinfo=UTC)  # Tuesday, 14:32 in Berlin


def view(now=NOW, watermark=NOW, zone="Europe/Berlin", **arguments):
    return read_view(arguments, zone, now, watermark)


@pytest.mark.parametrize(("name", "count"), [("7d", 7), ("28d", 28), ("90d", 90)])
def test_ranges_of_days_end_yesterday_and_compare_with_the_days_before(name, count):
    found = view(range=name)
    assert (found.last, len(found.days)) == (date(2026, 11, 23), count)
    assert found.before_last.toordinal() == found.first.toordinal() - 1
    assert found.until is None
    assert found.hours_compared() == found.hours_shown()


def test_28_days_is_the_default():
    assert view().name is RangeName.FOUR_WEEKS


def test_today_alone_compares_with_the_same_weekday_up_to_the_same_hour():
    found = view(range="today")
    assert (found.before_first, found.before_last) == (date(2026, 11, 17), date(2026, 11, 17))
    assert [hour.clock for hour in found.hours_shown()] == list(range(15))
    assert [hour.clock for hour in found.hours_compared()] == list(range(14))
    assert [hour.clock for hour in found.hours_before()] == list(range(14))
    assert found.is_running(found.hours_shown()[-1])


def test_yesterday_compares_with_the_day_before():
    found = view(range="yesterday")
    assert (found.first, found.before_first) == (date(2026, 11, 23), date(2026, 11, 22))


def test_a_month_with_today_is_cut_on_both_sides():
    found = view(range="month")
    assert (found.first, found.last) == (date(2026, 11, 1), date(2026, 11, 24))
    assert (found.before_first, found.before_last) == (date(2026, 10, 8), date(2026, 10, 31))
    assert max(hour.clock for hour in found.hours_before() if hour.day == date(2026, 10, 31)) == 13
    assert {hour.clock for hour in found.hours_before() if hour.day == date(2026, 10, 30)} == set(range(24))


def test_picked_days_are_taken_from_the_address_and_end_today():
    found = view(**{"from": "2026-11-20", "to": "2026-12-20"})
    assert (found.name, found.first, found.last) == (RangeName.PICKED, date(2026, 11, 20), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"range": "fortnight"}, "range"),
        ({"range": "picked"}, "range"),
        ({"from": "2026-11-31"}, "from"),
        ({"from": "2026-11-20", "to": "<script>"}, "to"),
        ({"from": "2026-11-20", "to": "2026-11-19"}, "to"),
        ({"from": "2020-01-01", "to": "2026-11-19"}, "to"),
        ({"from": "2026-11-25", "to": "2026-11-26"}, "from"),
        ({"from": "1066-10-14", "to": "1066-10-14"}, "from"),
    ],
)
def test_an_address_that_names_no_range_is_refused_with_its_field(arguments, field):
    with pytest.raises(BadRange) as caught:
        view(**arguments)
    assert caught.value.field == field


def test_a_late_platform_cuts_a_range_that_is_over():
    late = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    found = view(range="7d", watermark=late)
    assert found.until == late
    assert found.hours_shown()[-1].start == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert found.cut == (date(2026, 11, 22), 10)


def test_nothing_is_shown_of_a_range_that_the_watermark_has_not_reached():
    assert view(range="yesterday", watermark=datetime(2026, 11, 20, tzinfo=UTC)).hours_shown() == []


def test_days_have_as_many_hours_as_the_merchants_clock():
    autumn = view(now=datetime(2026, 10, 26, 12, tzinfo=UTC), watermark=None, range="yesterday")
    assert [hour.clock for hour in autumn.hours_shown()][:5] == [0, 1, 2, 2, 3]
    kolkata = view(zone="Asia/Kolkata", range="yesterday")
    assert kolkata.hours_shown()[0].key == "2026-11-22T18:30Z"
