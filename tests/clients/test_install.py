"""A machine that cannot reach a registry: `make clients` fails, `make test` goes on and says what it skips."""

import os
import subprocess
import sys

import pytest

from tests.clients import install


@pytest.mark.parametrize(("words", "status"), [((), 1), (("--or-skip",), 0)], ids=["wanted", "or skip"])
def test_without_a_registry(tmp_path, words, status):
    nowhere = {"UV_DEFAULT_INDEX": "http://127.0.0.1:1/simple", "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.clients.install", *words],
        cwd=install.HERE.parents[1],
        env=os.environ | nowhere | {"FOOTFALL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status
    assert "could not be installed" in done.stdout + done.stderr and "127.0.0.1:1" in done.stdout + done.stderr
    reason = (tmp_path / "clients" / "why-not.txt").read_text()
    assert "could not be installed" in reason and not (tmp_path / "clients" / "locks.sha256").exists()
