"""Calls at the door of the driver that stands: who cannot be answered leaves nothing open behind."""

import json
import os
import socket
import time

import pytest

from spark_jobs.standing import driver


@pytest.fixture
def door(tmp_path):
    door = driver._opened(tmp_path / "driver.sock")
    yield door
    door.close()


@pytest.fixture
def output():
    """(read, write) of a pipe, as a task reads what its job says; a read that would wait raises BlockingIOError."""
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    os.close(ends[0])


def ask(door, content, *outputs):
    caller = socket.socket(socket.AF_UNIX)
    caller.connect(door.getsockname())
    socket.send_fds(caller, [content], outputs)
    return caller


def next_call(door, when_quiet=lambda: None):
    return driver._next_call(door, time.monotonic() + 20, when_quiet)


def answer(door):
    """The call of one who waits, taken after all that stand before it."""
    with ask(door, json.dumps(["--batch", "7"]).encode(), 1, 2):
        call = next_call(door)
    assert call.arguments == ["--batch", "7"]
    call.connection.close()
    for number in call.outputs:
        os.close(number)


def test_the_outputs_of_a_caller_that_gave_up_are_closed(door, output):
    ask(door, json.dumps(["--batch", "6"]).encode(), output[1], output[1]).close()
    os.close(output[1])
    answer(door)
    assert os.read(output[0], 1) == b""


@pytest.mark.parametrize("content", [b"no json", b"{}", b"[]"])
def test_the_outputs_of_a_call_that_is_not_understood_are_closed(door, output, content):
    caller = ask(door, content, output[1])
    os.close(output[1])
    answer(door)
    assert os.read(output[0], 1) == b""
    caller.close()


def test_the_outputs_of_a_call_that_is_taken_stay_open(door, output):
    with ask(door, b"[]", output[1], output[1]) as caller:
        os.close(output[1])
        call = next_call(door)
        assert caller.recv(6) == b"taken\n"
        os.write(call.outputs[0], b"said")
        assert os.read(output[0], 4) == b"said"
    call.connection.close()
    for number in call.outputs:
        os.close(number)


def test_once_nobody_asks_what_the_batch_left_is_collected_and_the_door_stays_open(door, monkeypatch):
    monkeypatch.setattr(driver, "_QUIET_SECONDS", 0.05)
    quiet = []
    assert driver._next_call(door, time.monotonic() + 0.4, lambda: quiet.append(1)) is None
    assert quiet == [1]
    answer(door)
