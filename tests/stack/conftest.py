"""Settings of a stack that does not run."""

import pytest

from stack.local import environment_on_free_ports, local_settings


@pytest.fixture
def environment(tmp_path):
    return environment_on_free_ports(tmp_path / "data")


@pytest.fixture
def settings(environment):
    return local_settings(environment)
