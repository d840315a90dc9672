"""A program under supervision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import requests

_SECONDS = 3


class Group(StrEnum):
    """Groups stop in the reverse of this order: Airflow first, the engines last."""

    ENGINES = "engines"
    FRONT = "front"
    AIRFLOW = "airflow"


@dataclass(frozen=True, slots=True)
class Program:
    """`is_well` asks the program itself; `environment` is what it is told beside what all programs are."""

    name: str
    group: Group
    command: list[str]
    is_well: Callable[[], bool]
    address: str
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: int = 20

    @property
    def process(self) -> str:
        """Its name at the supervisor."""
        return f"{self.group}:{self.name}"


def answers(url: str) -> bool:
    """Whether a GET is answered with a 2xx."""
    try:
        return requests.get(url, timeout=_SECONDS, allow_redirects=False).ok
    except requests.RequestException:
        return False
