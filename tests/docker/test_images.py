"""What goes into the images: the packages of the project's lock, and files that exist."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from contracts.settings import Settings
from stack.parts import spark

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
DRIVERS_OF_AIRFLOWS_DATABASE = {"psycopg2-binary", "asyncpg"}


def pins(path):
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (ROOT / path).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", ["docker/web.txt", "docker/platform.txt"])
def test_an_image_has_the_versions_of_the_project(lock):
    own = {name: version for name, version in pins(lock).items() if name not in DRIVERS_OF_AIRFLOWS_DATABASE}
    locked = pins("requirements.txt")
    stale = [name for name, version in own.items() if locked.get(name) != version]
    assert len(own) > 10
    assert stale == [], f'{lock} is stale: docs/docker.md, "The images\' locks", says how it is made.'


def imported_by(folders):
    """Modules outside the standard library and this repository that the Python files below the folders import."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    roots = {name.partition(".")[0] for name in names}
    return {root for root in roots - sys.stdlib_module_names if not (ROOT / root).is_dir()}


def test_the_web_image_has_all_that_its_programs_import():
    stage = DOCKERFILE[DOCKERFILE.index(" AS web") :].split("\nFROM ")[0]
    folders = [word for word in re.findall(r"\S+", stage) if (ROOT / word / "__init__.py").exists()]
    assert {"collector", "report_app"} <= set(folders)
    names = packages_distributions()
    wanted = {names[module][0].lower().replace("_", "-") for module in imported_by(folders)}
    assert wanted - pins("docker/web.txt").keys() == set()


def test_everything_that_is_copied_exists():
    lines = [line for line in DOCKERFILE.splitlines() if line.startswith("COPY") and "--from" not in line]
    sources = [word for line in lines for word in line.split()[1:-1] if not word.startswith("--")]
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_programs_do_not_run_as_root():
    stages = re.split(r"^FROM .+ AS ", DOCKERFILE, flags=re.MULTILINE)
    last_user = {stage.split("\n")[0]: re.findall(r"^USER (\w+)", stage, re.MULTILINE)[-1:] for stage in stages[1:]}
    assert last_user["web"] == last_user["platform"] == ["footfall"]


def test_spark_is_configured_as_on_one_machine():
    own = (ROOT / "docker" / "spark" / "spark-defaults.conf").read_text()
    names = re.findall(r"^(spark\.\S+)", spark.defaults(Settings(), 8 * 1024**3, 4), re.MULTILINE)
    assert re.findall(r"^(spark\.\S+)", own, re.MULTILINE) == names
    logging = re.search(r"file:/opt/footfall/(\S+)", own)
    assert logging and (ROOT / logging[1]).exists()
