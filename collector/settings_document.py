"""The settings document of `@segment/analytics-next`: it loads it first, and takes its key and door from it."""

from typing import Any
from urllib.parse import urlsplit


def settings_document(write_key: str, public_url: str) -> dict[str, Any]:
    """The document for one key; `public_url` is where the collector is reached from outside."""
    address = urlsplit(public_url)
    door = {
        "apiKey": write_key,
        "apiHost": f"{address.netloc}{address.path.rstrip('/')}/v1",
        "protocol": address.scheme,
    }
    return {
        "integrations": {
            "Segment.io": {
                **door,
                "unbundledIntegrations": [],
                "addBundledMetadata": False,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {
            "track": {"__default": {"enabled": True, "integrations": {}}},
            "identify": {"__default": {"enabled": True}},
            "group": {"__default": {"enabled": True}},
        },
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
