"""The pages' numbers as JSON, under /api/v1."""

from report_app.api import books, changes
from report_app.api.reports import api

__all__ = ["api", "books", "changes"]
