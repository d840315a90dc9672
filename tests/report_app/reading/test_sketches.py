from report_app.reading.reports import Part, State
from report_app.reading.sketches import united_visitors
from tests.report_app.documents import traffic


def part(ids, **content_overrides):
    content, extra = traffic(ids)
    return Part("h", State.READ, content | content_overrides, None, extra.get("sketch"))


def test_one_hour_is_exact():
    found = united_visitors([part(["a", "b", "c"]), part([])])
    assert (found.count, found.is_estimate) == (3, False)


def test_visitors_of_two_hours_are_united_not_added():
    ids = [str(n) for n in range(3000)]
    found = united_visitors([part(ids[:2000]), part(ids[1000:])])
    assert found.is_estimate
    assert abs(found.count - 3000) < 150


def test_without_a_sketch_there_is_no_number():
    content, _ = traffic(["a"])
    found = united_visitors([part(["a"]), Part("h", State.READ, content, None, None)])
    assert (found.count, found.state) == (None, State.AGAIN)


def test_a_sketch_that_is_damaged_or_of_another_hour_gives_no_number():
    content, _ = traffic(["a"])
    broken = Part("h", State.READ, content, None, b"\x07\x01nonsense")
    assert united_visitors([part(["a"]), broken]).count is None
    assert united_visitors([part(["a"]), part([str(n) for n in range(500)], visitors=40)]).count is None
