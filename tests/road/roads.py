"""The road in a test's hands: opens shops, waits for the reports, and does harm to whoever works on a batch."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.ledger import FINAL
from contracts.names import Collection, DagId, Job, Topic
from contracts.settings import Settings
from stack import supervision
from stack.airflow_api import AirflowApi
from stack.database import open_database
from stack.demo.backlog import wait_until_done
from stack.parts.program import answers
from stack.programs import stack_programs
from stack.starting import start_program
from stack.waiting import wait_until
from tests.road.processes import is_alive, job_of, kill_and_wait
from tests.road.shops import RoadShop
from tests.running_stack import RunningStack

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 300.0
JOB_SECONDS = 180


@dataclass
class Road:
    stack: RunningStack
    database: Database[dict[str, Any]]

    @classmethod
    def on(cls, stack: RunningStack) -> "Road":
        return cls(stack, open_database(stack.settings))

    @property
    def settings(self) -> Settings:
        return self.stack.settings

    @property
    def pause_folder(self) -> Path:
        return Path(self.settings.pause_folder)

    @cached_property
    def airflow(self) -> AirflowApi:
        return AirflowApi(self.settings)

    @cached_property
    def admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.settings.kafka_bootstrap})

    def new_shop(self, name: str, zone: str = "Europe/Berlin", currency: str = "EUR") -> RoadShop:
        """A shop that no other test knows."""
        merchant = f"{name[:27]}-{uuid4().hex[:8]}"
        return RoadShop(self.settings, self.database, merchant, zone, currency).open()

    def wait(self, timeout_seconds: float = WAIT_SECONDS) -> None:
        """Returns when everything that was sent is in the reports of hours and days; raises NotDone."""
        wait_until_done(self.admin, self.database, timeout_seconds)

    def newest_batch(self) -> dict[str, Any]:
        """The ledger's entry of the newest batch of events."""
        found = self.database[Collection.BATCHES].find_one({"topic": Topic.EVENTS}, sort=[("_id", -1)])
        assert found is not None, "no batch of events was ever planned"
        return found

    def batch_after(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The batch of events that follows it."""
        found = self.database[Collection.BATCHES].find_one({"topic": Topic.EVENTS, "previous": batch["_id"]})
        assert found is not None, f"no batch follows {batch['_id']}"
        return found

    def wait_patiently(self, timeout_seconds: float = 240.0) -> None:
        """The same while engines are only just coming back, and do not answer."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                return self.wait(timeout_seconds)
            except (PyMongoError, KafkaException):
                if time.monotonic() > deadline:
                    raise

    def wait_for_collectors(self) -> None:
        """Each of them reaches the broker."""
        collectors = [one for one in stack_programs(self.settings) if one.name.startswith("collector")]
        assert wait_until(lambda: all(answers(f"{one.address}/ready") for one in collectors), 60)

    def kill_part(self, part: str) -> None:
        """SIGKILL; returns once the supervisor has started it anew."""
        state = supervision.states(self.settings)[part]
        os.kill(state.pid, signal.SIGKILL)
        assert wait_until(lambda: supervision.states(self.settings)[part].pid not in (0, state.pid), 60)

    @contextmanager
    def stopped(self, part: str) -> Iterator[None]:
        """The part is away; afterwards it is started, and well again."""
        [program] = [one for one in stack_programs(self.settings) if one.name == part]
        supervision.stop(self.settings, program.process)
        try:
            yield
        finally:
            start_program(self.settings, program)

    @contextmanager
    def paused_events(self) -> Iterator[None]:
        """process_events is paused: what is sent meanwhile waits, and is one batch afterwards."""
        events = {"topic": Topic.EVENTS}
        self.airflow.set_paused(DagId.PROCESS_EVENTS, True)
        before = self.database[Collection.BATCHES].count_documents(events)
        try:
            yield
            planned = wait_until(lambda: self.database[Collection.BATCHES].count_documents(events) != before, 5)
        finally:
            self.airflow.set_paused(DagId.PROCESS_EVENTS, False)
        assert not planned, "a batch was planned while the DAG was paused"

    def open_batch(self) -> int:
        """The batch of events that is being worked on."""
        found = self.database[Collection.BATCHES].find_one(
            {"dag": DagId.PROCESS_EVENTS, "state": {"$nin": list(FINAL)}}, sort=[("_id", 1)]
        )
        assert found is not None, "no batch is open"
        return int(found["_id"])

    def attempts(self, batch: int) -> int:
        """How often the job has taken the batch."""
        found = self.database[Collection.BATCHES].find_one({"_id": batch})
        assert found is not None
        return int(found["attempt"])

    def kill(self, victim: Literal["driver", "worker"], batch: int) -> None:
        """SIGKILL; with the worker its driver must go too, by itself."""
        job = job_of(batch)
        if victim == "driver":
            kill_and_wait([job.driver])
        else:
            workers = job.workers()
            assert workers, f"nobody of Airflow waits for batch {batch}"
            kill_and_wait(workers)
            assert wait_until(lambda: not is_alive(job.driver), 10), "the driver outlived its worker"

    def run_job_by_hand(self, batch: int) -> int:
        """The job once more beside the one that waits at a gate, itself held by none; returns its exit status."""
        environment = {name: value for name, value in self.stack.environment.items() if name != "FOOTFALL_PAUSE_FOLDER"}
        job = ROOT / "spark_jobs" / Job.PROCESS_EVENTS / "job.py"
        command = ["spark-submit", "--master", "local[*]", str(job), "--batch", str(batch), "--run", "by-hand"]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=JOB_SECONDS, check=False
        )
        print(done.stderr[-3000:])
        return done.returncode
