"""How the stack is: each part by its process and by its own answer."""

from dataclasses import dataclass

from contracts.settings import Settings
from stack import supervision
from stack.parts import front
from stack.programs import all_programs

DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """`process` in the supervisor's words, in lower case; `is_well` is the part's own answer."""

    name: str
    process: str
    is_well: bool
    pid: int
    seconds: int
    address: str
    log: str


def stack_status(settings: Settings) -> list[PartStatus]:
    """Of every part; all are down where no supervisor runs. The demo's shop pages appear once they were started."""
    is_supervised = supervision.running_supervisor(settings) is not None
    states = supervision.states(settings) if is_supervised else {}
    found = []
    for program in all_programs(settings):
        state = states.get(program.name)
        is_running = state is not None and state.state == "RUNNING"
        if program.name == front.DEMO_SHOP and not is_running:
            continue
        found.append(
            PartStatus(
                name=program.name,
                process=state.state.lower() if state else DOWN,
                is_well=is_running and program.is_well(),
                pid=state.pid if state else 0,
                seconds=state.seconds if state and is_running else 0,
                address=program.address,
                log=str(supervision.log_file(settings, program.name)),
            )
        )
    return found
