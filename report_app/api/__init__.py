"""The pages' numbers as JSON, under /api/v1."""

from report_app.api import inbox, rebuilds, reports

api = reports.api

__all__ = ["api", "inbox", "rebuilds"]
