"""The collector does not start with settings it cannot keep a promise with; it says which."""

import subprocess
import sys

import pytest

from tests.collector.running import ROOT, environment, free_port


@pytest.mark.parametrize(
    ("setting", "value"),
    [("FOOTFALL_KEY_SECRETS", ""), ("FOOTFALL_KAFKA_BOOTSTRAP", ""), ("FOOTFALL_NO_SUCH_SETTING", "1")],
)
def test_a_wrong_setting_stops_it_with_its_name(setting, value):
    variables = environment("127.0.0.1:1", free_port(), **{setting: value})
    ended = subprocess.run(
        [sys.executable, "-m", "collector"],
        check=False,
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    assert setting in ended.stderr and "Traceback" not in ended.stderr
