"""Starts the whole stack: four lanes beside each other, each part asked until it is well, or nothing at all is left."""

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from contracts.settings import Settings
from stack import supervision
from stack.database import open_database, prepare_database
from stack.local import program_environment, record
from stack.logs import telling_lines
from stack.parts import airflow, kafka, mongo, nginx, spark
from stack.parts.program import Program
from stack.preflight import check_before_start
from stack.problems import StackProblem
from stack.programs import all_programs, stack_programs
from stack.shop_keys import publish_revocations
from stack.stopping import stop_stack
from stack.topics import create_topics
from stack.waiting import wait_until

PART_SECONDS, RESTARTS = 120, 2
Show = Callable[[str, float], None]


def start_stack(settings: Settings, show: Show) -> None:
    """Returns when every part is well; `show` hears of each with its seconds. Raises StackProblem, and leaves nothing."""
    check_before_start(settings)
    write_configurations(settings)
    try:
        supervision.launch(settings, program_environment(settings))
        _Start(settings, show).run()
    except BaseException:
        stop_stack(settings)
        raise


def write_configurations(settings: Settings) -> None:
    for part in (kafka, spark, airflow):
        part.write_configuration(settings)
    if nginx.program() is not None:
        nginx.write_configuration(settings)
    for name in ("mongo", "backup-mongo"):
        (settings.data / name).mkdir(parents=True, exist_ok=True)
    supervision.write_configuration(settings, all_programs(settings))
    record(settings)


@dataclass(slots=True)
class _Start:
    """One start. A lane that fails stops the others from waiting any longer."""

    settings: Settings
    show: Show
    has_failed: threading.Event = field(default_factory=threading.Event)
    has_database: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        lanes = (self._broker_and_collectors, self._databases_and_apps, self._airflow, self._driver)
        with ThreadPoolExecutor(len(lanes)) as pool:
            for lane in as_completed([pool.submit(self._guarded, lane) for lane in lanes]):
                lane.result()
        self._start(self._programs("nginx"))

    def _guarded(self, lane: Callable[[], None]) -> None:
        try:
            lane()
        except BaseException:
            self.has_failed.set()
            raise

    def _broker_and_collectors(self) -> None:
        if not kafka.is_formatted(self.settings):
            format_storage(self.settings)
        self._start(self._programs("kafka"))
        self._timed("topics", lambda: create_topics(self.settings))
        wait_until(lambda: self.has_failed.is_set() or self.has_database.is_set(), PART_SECONDS)
        self._timed("revoked keys", lambda: publish_revocations(open_database(self.settings), self.settings))
        self._start(self._programs("collector"))

    def _databases_and_apps(self) -> None:
        programs = self._programs("mongo", "backup-mongo")
        for program in programs:
            supervision.start(self.settings, program)
        for uri in (self.settings.mongo_uri, self.settings.backup_mongo_uri):
            mongo.initiate(uri)
        self._await(programs)
        self._timed("indexes", lambda: prepare_database(open_database(self.settings)))
        self.has_database.set()
        self._start(self._programs("app", "live"))

    def _airflow(self) -> None:
        self._timed("metadata", lambda: airflow.place_database(self.settings))
        self._start(self._programs("airflow"))
        airflow.warm_up(self.settings)
        self._timed("dags", self._dags)

    def _driver(self) -> None:
        self._start(self._programs(spark.DRIVER))

    def _dags(self) -> None:
        if not wait_until(lambda: self.has_failed.is_set() or airflow.has_all_dags(self.settings), PART_SECONDS):
            raise StackProblem(
                f"Airflow did not read every DAG in {PART_SECONDS} s.{_lines(self.settings, 'airflow-dag-processor')}"
            )

    def _programs(self, *prefixes: str) -> list[Program]:
        return [program for program in stack_programs(self.settings) if program.name.startswith(prefixes)]

    def _start(self, programs: Sequence[Program]) -> None:
        for program in programs:
            supervision.start(self.settings, program)
        self._await(programs)

    def _await(self, programs: Sequence[Program]) -> None:
        began = time.monotonic()
        for program in programs:
            await_program(self.settings, program, self.has_failed)
            if self.has_failed.is_set():
                return
            self.show(program.name, time.monotonic() - began)

    def _timed(self, name: str, work: Callable[[], object]) -> None:
        if self.has_failed.is_set():
            return
        began = time.monotonic()
        work()
        self.show(name, time.monotonic() - began)


def format_storage(settings: Settings) -> None:
    done = subprocess.run(kafka.format_command(settings), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise StackProblem(f"kafka: its storage could not be prepared.\n{(done.stdout + done.stderr)[-800:]}")


def start_program(settings: Settings, program: Program) -> None:
    """Returns when it is well; raises StackProblem."""
    supervision.start(settings, program)
    await_program(settings, program, threading.Event())


def await_program(settings: Settings, program: Program, is_given_up: threading.Event) -> None:
    """Waits for a program that was started; raises StackProblem when it ended, or was not well in time."""

    pids: set[int] = set()

    def is_settled() -> bool:
        if is_given_up.is_set() or program.is_well():
            return True
        state = supervision.states(settings)[program.name]
        pids.add(state.pid)
        return state.state in ("FATAL", "BACKOFF") or len(pids - {0}) > RESTARTS

    wait_until(is_settled, PART_SECONDS)
    if not is_given_up.is_set() and not program.is_well():
        raise StackProblem(_not_well(settings, program, len(pids - {0})))


def _not_well(settings: Settings, program: Program, starts: int) -> str:
    state = supervision.states(settings)[program.name]
    if state.pid == 0:
        what = f"it ended at once ({state.state})"
    elif starts > RESTARTS:
        what = f"it ended again and again, {starts - 1} times"
    else:
        what = f"it runs, but was not well in {PART_SECONDS} s"
    return f"{program.name} does not start: {what}.{_lines(settings, program.name)}"


def _lines(settings: Settings, name: str) -> str:
    lines = telling_lines(supervision.log_file(settings, name))
    return "".join(f"\n    {line}" for line in lines) + f"\nThe whole log: {supervision.log_file(settings, name)}"
