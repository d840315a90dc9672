"""Of a long log, the lines that tell why."""

from stack.logs import follow, last_lines, telling_lines


def test_the_last_lines_that_speak_of_a_failure(tmp_path):
    log = tmp_path / "part.log"
    log.write_text("started\nValueError: FOOTFALL_APP_SECRET needs 32 characters\nbye\n\n")
    assert telling_lines(log) == ["ValueError: FOOTFALL_APP_SECRET needs 32 characters"]


def test_else_the_very_last_ones(tmp_path):
    log = tmp_path / "part.log"
    log.write_text("\n".join(f"line {number}" for number in range(1000)))
    assert telling_lines(log) == ["line 997", "line 998", "line 999"]
    assert last_lines(log, 2) == ["line 998", "line 999"]


def test_no_log_yet(tmp_path):
    assert telling_lines(tmp_path / "none.log") == []


def test_new_lines_are_followed_whole_also_after_a_rotation(tmp_path):
    log = tmp_path / "part.log"
    log.write_text("old and long enough\n")
    lines = follow([log], pause_seconds=0.01)

    with log.open("a") as file:
        file.write("new\n")
    assert next(lines) == (log, "new")
    log.write_text("rotated\n")
    assert next(lines) == (log, "rotated")
