"""Spark's own configuration on this machine: jars, memory, a quiet log. A real cluster brings its own instead."""

import sys
from pathlib import Path

import psutil

from contracts.settings import Settings
from stack.jars import spark_home

_STACK = Path(__file__).parents[1]
_GIGABYTE = 1024**3
_DEFAULTS = """\
spark.driver.extraClassPath           {jars}/*
spark.driver.memory                   {memory}
spark.driver.extraJavaOptions         -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC -Dlog4j2.configurationFile=file:{logging}
spark.driver.host                     127.0.0.1
spark.driver.bindAddress              127.0.0.1
spark.ui.enabled                      false
spark.sql.shuffle.partitions          {partitions}
spark.default.parallelism             {partitions}
"""


def environment(settings: Settings) -> dict[str, str]:
    """What spark-submit needs; stack/bin holds the one that ties a driver's life to that of its task."""
    return {
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(settings.data / "spark"),
        "SPARK_LOCAL_DIRS": str(settings.data / "spark" / "local"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": str(_STACK / "bin" / "driver-python"),
    }


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
    (folder / "local").mkdir(parents=True, exist_ok=True)
    memory, cores = psutil.virtual_memory().total, psutil.cpu_count() or 2
    (folder / "spark-defaults.conf").write_text(defaults(settings, memory, cores))
    (settings.data / "lake" / "warehouse").mkdir(parents=True, exist_ok=True)
