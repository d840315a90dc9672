"""Spark's own configuration on this machine: jars, memory, a quiet log. A real cluster brings its own instead."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from contracts.settings import Settings
from stack.jars import spark_home
from stack.parts.program import Group, Program

DRIVER = "spark-driver"
_STACK = Path(__file__).parents[1]
_LONGEST_ADDRESS = 100
"""Bytes; the system takes 107 for the address of a socket in the file system."""
_LOCAL = "SPARK_LOCAL_DIRS"
_FOLDER_OF_DRIVER = "footfall-driver-"
"""And its process id, a hyphen, and something that nobody can guess: stack/bin/spark-submit makes them."""
_GIGABYTE = 1024**3
_DEFAULTS = """\
spark.driver.extraClassPath           {jars}/*
spark.driver.memory                   {memory}
spark.driver.extraJavaOptions         -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -Duser.timezone=UTC -Dlog4j2.configurationFile=file:{logging}
spark.driver.host                     127.0.0.1
spark.driver.bindAddress              127.0.0.1
spark.ui.enabled                      false
spark.sql.shuffle.partitions          {partitions}
spark.default.parallelism             {partitions}
"""


def environment(settings: Settings) -> dict[str, str]:
    """What spark-submit needs; stack/bin holds the one that ties a driver's life to that of its task.

    Where Spark keeps what is temporary is the operator's to say.
    """
    return {
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(settings.data / "spark"),
        _LOCAL: os.environ.get(_LOCAL) or str(_own_local(settings)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": str(_STACK / "bin" / "driver-python"),
    }


def _own_local(settings: Settings) -> Path:
    return settings.data / "spark" / "local"


def clear_local(settings: Settings) -> None:
    """Removes what drivers that are gone have left; from a folder that is not the stack's own only what is named after one."""
    own = _own_local(settings)
    for left in own.iterdir():
        if not _is_of_living(left):
            _remove(left)
    for folder in environment(settings)[_LOCAL].split(","):
        for left in Path(folder).glob(f"{_FOLDER_OF_DRIVER}*"):
            if _is_own_folder(left) and not _is_of_living(left):
                _remove(left)


def _is_own_folder(left: Path) -> bool:
    """In a folder that all write to, anybody may have made something of such a name."""
    with suppress(OSError):
        return left.is_dir() and not left.is_symlink() and left.stat().st_uid == os.getuid()
    return False


def _is_of_living(folder: Path) -> bool:
    pid = folder.name.removeprefix(_FOLDER_OF_DRIVER).partition("-")[0]
    return folder.name.startswith(_FOLDER_OF_DRIVER) and pid.isdecimal() and Path("/proc", pid).exists()


def _remove(left: Path) -> None:
    """What cannot be removed stays for the next start."""
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
        return
    with suppress(OSError):
        left.unlink()


def defaults(settings: Settings, memory_bytes: int, cores: int) -> str:
    """spark-defaults.conf. It names nothing of one stack's data, so that stacks share archives of classes."""
    return _DEFAULTS.format(
        jars=settings.home / "jars" / "spark",
        logging=_STACK / "spark" / "log4j2.properties",
        memory="2g" if memory_bytes > 6 * _GIGABYTE else "1g",
        partitions=min(max(cores, 2), 4),
    )


def write_configuration(settings: Settings) -> None:
    folder = settings.data / "spark"
    _own_local(settings).mkdir(parents=True, exist_ok=True)
    clear_local(settings)
    memory, cores = psutil.virtual_memory().total, psutil.cpu_count() or 2
    (folder / "spark-defaults.conf").write_text(defaults(settings, memory, cores))
    (settings.data / "lake" / "warehouse").mkdir(parents=True, exist_ok=True)


def programs(settings: Settings) -> list[Program]:
    """The driver that stands; none where the settings say so, or its socket would lie too deep in the file system."""
    address = settings.data / "spark" / "driver.sock"
    if not settings.driver_batches or len(os.fsencode(address)) > _LONGEST_ADDRESS:
        return []
    job = _STACK.parent / "spark_jobs" / "standing" / "driver.py"
    words = ["--socket", str(address), "--batches", str(settings.driver_batches)]
    return [
        Program(
            name=DRIVER,
            group=Group.AIRFLOW,
            command=[str(_STACK / "bin" / "spark-submit"), "--master", "local[*]", str(job), *words],
            address="",
            is_well=lambda: _stands(address.with_suffix(".pid")),
            stop_seconds=10,
        )
    ]


def _stands(pid_file: Path) -> bool:
    """Whether the process that wrote its number there, when it was ready, is still alive."""
    try:
        return psutil.pid_exists(int(pid_file.read_text()))
    except (OSError, ValueError):
        return False
