"""Streams of open pages (server-sent events). `report_app.live:create_app()` is the ASGI factory."""

from contracts.completeness import check_contracts
from contracts.settings import Settings
from report_app.live.app import Live


def create_app(settings: Settings | None = None) -> Live:
    """The app; it takes its settings from the environment. Raises IncompleteContract or SettingsError."""
    return Live(settings or check_contracts())
