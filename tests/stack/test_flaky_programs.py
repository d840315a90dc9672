"""A program that lives long enough to count as started, and then ends again and again."""

import pytest

from stack import supervision
from stack.local import program_environment
from stack.parts.program import Group, Program
from stack.problems import StackProblem
from stack.starting import start_program
from stack.stopping import stop_stack

FLAKY = Program("flaky", Group.ENGINES, ["/bin/sh", "-c", "sleep 1.5; exit 3"], lambda: False, "nowhere")


def test_it_is_given_up_long_before_the_time_for_a_slow_one_is_over(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    supervision.write_configuration(settings, [FLAKY])
    supervision.launch(settings, program_environment(settings))
    try:
        with pytest.raises(StackProblem, match="flaky does not start: it ended again and again, 2 times"):
            start_program(settings, FLAKY)
    finally:
        stop_stack(settings)
