"""The check that every program runs first: no name is unknown, empty or said twice."""

from collections.abc import Iterable
from enum import StrEnum

from contracts.alerts import AlertKind, Road, SendingState, Tls, roads_of
from contracts.backups import BackupLine, BackupState
from contracts.erasures import ErasureState, Older, Reach
from contracts.errors import EXPLANATIONS, ErrorCode
from contracts.names import BatchState, Collection, ConnectionId, DagId, Job, Pool, Topic
from contracts.promises import CHECKS, CheckName, PromiseState, Unit
from contracts.rehearsals import RehearsalState
from contracts.reports import SHAPES, Family
from contracts.settings import Settings, settings
from contracts.tickets import RequestKind, TicketState
from contracts.webhooks import DeliveryKind, DeliveryState, WebhookState


class IncompleteContract(RuntimeError):
    """A name is missing, empty or unknown; the message holds it."""


def check_contracts() -> Settings:
    """Checks every table of names, reads the settings and returns them.

    Raises IncompleteContract or SettingsError with the name that is wrong.
    """
    enums: tuple[type[StrEnum], ...] = (
        Topic,
        Collection,
        DagId,
        Pool,
        ConnectionId,
        Job,
        BatchState,
        Family,
        ErrorCode,
        TicketState,
        RequestKind,
        WebhookState,
        DeliveryKind,
        DeliveryState,
        RehearsalState,
        BackupLine,
        BackupState,
        CheckName,
        PromiseState,
        Unit,
        AlertKind,
        Road,
        SendingState,
        Tls,
        ErasureState,
        Older,
        Reach,
    )
    for enum in enums:
        _require_names(enum.__name__, [str(member.value) for member in enum])
    _require_same("errors.EXPLANATIONS", set(ErrorCode), set(EXPLANATIONS))
    _require_same("reports.SHAPES", set(Family), set(SHAPES))
    _require_same("promises.CHECKS", set(CheckName), set(CHECKS))
    found = settings()
    roads_of(found)
    return found


def _require_names(table: str, values: Iterable[str]) -> None:
    for value in values:
        if not value.strip():
            raise IncompleteContract(f"{table} holds an empty name.")


def _require_same(table: str, expected: set[str], found: set[str]) -> None:
    for name in sorted(expected ^ found):
        raise IncompleteContract(f"{table}: {name!r} is {'missing' if name in expected else 'unknown'}.")
