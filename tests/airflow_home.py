"""A home of Airflow's own for the tests: it must be chosen before `airflow` is imported for the first time."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def choose() -> None:
    if "AIRFLOW_HOME" in os.environ and os.environ["AIRFLOW_HOME"].startswith(tempfile.gettempdir()):
        return
    assert "airflow" not in sys.modules, "airflow was imported before its home was chosen"
    os.environ |= {
        "AIRFLOW_HOME": tempfile.mkdtemp(prefix="footfall-airflow-"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    }
