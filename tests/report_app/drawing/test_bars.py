from report_app.drawing.bars import SIZES, Bar, bar_chart


def picture(*bars):
    return bar_chart(bars, SIZES[0], 1, str)


def test_refunds_hang_below_and_a_running_bar_is_marked():
    text = picture(Bar("a", "a", 5, 4), Bar("b", "b", -3, 4), Bar("c", "c", 2, None, is_running=True))
    assert 'class="bar"' in text
    assert 'class="bar below"' in text
    assert 'class="bar running"' in text


def test_a_column_without_a_number_is_no_bar():
    assert 'class="bar' not in picture(Bar("a", "a", None, None, is_unknown=True))


def test_titles_are_escaped():
    assert "<script>" not in picture(Bar("a", "<script>", 5, 4))
