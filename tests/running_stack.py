"""A whole stack of the tests' own: real programs on free ports, in a folder that goes with the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.settings import Settings
from stack.leftovers import processes_of, session_of
from stack.local import environment_on_free_ports, local_settings, program_environment
from stack.preparing import prepare
from stack.starting import start_stack
from stack.stopping import stop_stack


@dataclass(frozen=True, slots=True)
class RunningStack:
    """`environment` is what its programs were started with."""

    settings: Settings
    environment: dict[str, str]


@contextmanager
def whole_stack(data: Path) -> Iterator[RunningStack]:
    """Starts, and stops also when the start or a test fails; fails itself when anything is left of it."""
    own = {
        "FOOTFALL_DAY_PACE_FACTOR": "0.5",
        "FOOTFALL_WAKE_AFTER_SECONDS": "0.5",
        "FOOTFALL_LEASE_SECONDS": "45",
        "FOOTFALL_ERASURE_MARGIN_SECONDS": "5",
        "FOOTFALL_PAUSE_FOLDER": str(data / "pause"),
    }
    settings = local_settings(environment_on_free_ports(data) | own)
    prepare(settings, print)
    try:
        start_stack(settings, lambda name, seconds: print(f"{name} {seconds:.1f} s"))
        yield RunningStack(settings, program_environment(settings))
    finally:
        session = session_of(settings)
        stop_stack(settings)
        assert not processes_of(settings, session), "programs of the stack are left"
