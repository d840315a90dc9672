"""A home of Airflow's own for the tests: it must be chosen before `airflow` is imported for the first time."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def choose() -> None:
    if "AIRFLOW_HOME" in os.environ and os.environ["AIRFLOW_HOME"].startswith(tempfile.gettempdir()):
        return
    assert "airflow" not in sys.modules, "airflow was imported before its home was chosen"
    home = tempfile.mkdtemp(prefix="footfall-airflow-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    }
