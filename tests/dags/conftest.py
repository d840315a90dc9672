"""The DAGs as Airflow loads them."""

import pytest

from tests import airflow_home

airflow_home.choose()


@pytest.fixture(scope="session")
def dags():
    """Every DAG of the folder, by id."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(airflow_home.ROOT / "dags"))
    assert bag.import_errors == {}
    assert bag.dags, "no DAG was loaded: an empty folder must not pass"
    return bag.dags
