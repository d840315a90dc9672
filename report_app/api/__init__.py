"""The pages' numbers as JSON, under /api/v1."""

from report_app.api import (
    books,
    changes,
    erasures,
    inbox,
    rebuilds,
    rehearsals,
    reports,
    setting_changes,
    status,
    webhooks,
)

api = reports.api

__all__ = [
    "api",
    "books",
    "changes",
    "erasures",
    "inbox",
    "rebuilds",
    "rehearsals",
    "setting_changes",
    "status",
    "webhooks",
]
