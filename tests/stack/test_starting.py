"""A start that fails says which part, why, and the line of its log that matters; and it leaves nothing running."""

import pytest

from stack import preparing
from stack.leftovers import processes_of, session_of
from stack.local import local_settings
from stack.preflight import busy_ports
from stack.problems import StackProblem
from stack.starting import start_stack

pytestmark = pytest.mark.stack


def test_a_part_that_cannot_start(environment):
    settings = local_settings(environment | {"FOOTFALL_APP_SECRET": "too short"})
    preparing.prepare(settings, print)
    well = []
    with pytest.raises(StackProblem) as problem:
        start_stack(settings, lambda name, seconds: well.append(name))
    assert "app-1 does not start" in str(problem.value)
    assert "FOOTFALL_APP_SECRET needs at least 32 characters" in str(problem.value)
    assert f"{settings.data}/logs/app-1.log" in str(problem.value)
    assert processes_of(settings, session_of(settings)) == []
    assert list(busy_ports(settings)) == []
