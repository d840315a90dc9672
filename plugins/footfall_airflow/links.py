"""Buttons on a task's page."""

from typing import Any

from airflow.sdk import BaseOperatorLink

from contracts.settings import settings


class ReportsLink(BaseOperatorLink):
    """To the reports that the task computed."""

    name = "Reports"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return settings().public_app_url
