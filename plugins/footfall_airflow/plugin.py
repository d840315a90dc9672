"""What Airflow loads of Footfall by itself; see `plugins/.airflowignore`. Triggers and tasks are imported by the DAGs."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from footfall_airflow import listeners
from footfall_airflow.links import ReportsLink


class FootfallPlugin(AirflowPlugin):
    name = "footfall"
    # Airflow's own are no variables of the class, but it reads them of the class
    listeners: ClassVar[list[Any]] = [listeners]  # type: ignore[misc]
    operator_extra_links: ClassVar[list[Any]] = [ReportsLink()]  # type: ignore[misc]
