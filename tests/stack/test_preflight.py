"""Before anything starts, whatever is in the way is said, with what to do about it."""

import os
import socket
from dataclasses import replace

import pytest

from stack import preflight
from stack.java import require_java
from stack.preflight import busy_ports, check_before_start
from stack.problems import StackProblem


@pytest.fixture
def folder_of_java(tmp_path, monkeypatch):
    """A JAVA_HOME whose java says the given first line."""

    def write(line):
        program = tmp_path / "java" / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho '{line}' >&2\n")
        program.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
        return tmp_path / "java"

    return write


def test_nothing_is_in_the_way(settings):
    check_before_start(settings)


def test_a_port_in_use_names_part_program_and_setting(settings):
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.airflow_port))
        other.listen()
        with pytest.raises(StackProblem) as problem:
            check_before_start(settings)
    text = str(problem.value)
    assert f"Port {settings.airflow_port} (airflow-api-server) is in use by" in text
    assert f"(pid {os.getpid()})" in text and "FOOTFALL_AIRFLOW_PORT" in text


def test_two_parts_on_one_port(settings):
    found = list(busy_ports(replace(settings, airflow_port=settings.supervisor_port)))
    assert len(found) == 1
    assert "FOOTFALL_AIRFLOW_PORT and FOOTFALL_SUPERVISOR_PORT" in found[0]


def test_all_problems_are_said_at_once(settings, monkeypatch, folder_of_java):
    folder_of_java('openjdk version "11.0.2" 2019-01-15')
    monkeypatch.setattr(preflight, "MIN_FREE_BYTES", 1 << 60)
    with pytest.raises(StackProblem) as problem:
        check_before_start(replace(settings, airflow_port=settings.supervisor_port))
    text = str(problem.value)
    assert "is Java 11" in text and "GB are free" in text and "is wanted by" in text


@pytest.mark.parametrize("line", ['openjdk version "17.0.15" 2025-04-15', 'java version "25" 2025-09-16'])
def test_java_that_is_new_enough(folder_of_java, line):
    folder_of_java(line)
    require_java()


def test_java_that_is_too_old(folder_of_java):
    folder_of_java('java version "1.8.0_392"')
    with pytest.raises(StackProblem, match="Footfall needs 17 or later"):
        require_java()


def test_no_java(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(StackProblem, match="install Java 17"):
        require_java()
