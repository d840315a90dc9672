"""What RudderStack's browser SDK asks for before it sends: its source, here one that leads nowhere but to us."""

from typing import Any

from contracts.keys import WriteKey

PATHS = ("/sourceConfig", "/sourceConfig/")
_UPDATED_AT = "2024-01-01T00:00:00.000Z"


def source_config(write_key: str, key: WriteKey) -> dict[str, Any]:
    """The document for one key; without destinations and without reports of the SDK's own errors and figures."""
    return {
        "source": {
            "id": key.merchant,
            "name": key.merchant,
            "workspaceId": key.merchant,
            "writeKey": write_key,
            "enabled": True,
            "updatedAt": _UPDATED_AT,
            "config": {
                "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}},
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {},
        },
        "updatedAt": _UPDATED_AT,
    }
