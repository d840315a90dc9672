"""Our spark-submit: the whole tree dies with its parent, and a good run leaves an archive of classes for the next one.

Spark itself is a small program here that says what it was called with; the real one runs in tests/road.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from stack.local import ROOT
from stack.waiting import wait_until

SPARK_SUBMIT = ROOT / "stack" / "bin" / "spark-submit"
REAL = """#!/bin/bash
echo "options: $SPARK_SUBMIT_OPTS"
echo "folders: $SPARK_LOCAL_DIRS"
echo "words: $*"
for option in $SPARK_SUBMIT_OPTS; do
    [[ $option == -XX:ArchiveClassesAtExit=* ]] && echo classes > "${option#*=}"
done
if [[ $* == *hang* ]]; then echo $$ > "$PID_FILE"; exec sleep 300; fi
[[ $* == *fail* ]] && exit 75
exit 0
"""


@pytest.fixture
def environment(tmp_path):
    for folder in ("spark/bin", "spark/jars", "home/jars/spark", "conf"):
        (tmp_path / folder).mkdir(parents=True)
    real = tmp_path / "spark" / "bin" / "spark-submit"
    real.write_text(REAL)
    real.chmod(0o755)
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.ui.enabled false\n")
    return os.environ | {
        "SPARK_HOME": str(tmp_path / "spark"),
        "SPARK_CONF_DIR": str(tmp_path / "conf"),
        "SPARK_LOCAL_DIRS": str(tmp_path / "local"),
        "FOOTFALL_HOME": str(tmp_path / "home"),
        "PID_FILE": str(tmp_path / "pid"),
    }


def submit(environment, *words, job="process_events"):
    command = [str(SPARK_SUBMIT), "--master", "local[*]", f"spark_jobs/{job}/job.py", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def archives(tmp_path):
    return sorted((tmp_path / "home" / "cds").glob("*.jsa"))


def test_the_first_good_run_leaves_an_archive_and_the_next_uses_it(environment, tmp_path):
    first = submit(environment, "--batch", "1")
    assert first.returncode == 0 and "ArchiveClassesAtExit" in first.stdout
    (archive,) = archives(tmp_path)
    second = submit(environment, "--round", "days-2", job="build_day_reports")
    assert f"-XX:SharedArchiveFile={archive}" in second.stdout and "ArchiveClassesAtExit" not in second.stdout


def test_the_words_arrive_as_they_were_with_the_configuration_before_them(environment, tmp_path):
    done = submit(environment, "--run", "manual__2026-11-25T10:00:00+00:00")
    assert f"words: --properties-file {tmp_path}/conf/spark-defaults.conf --master local[*]" in done.stdout
    assert "job.py --run manual__2026-11-25T10:00:00+00:00" in done.stdout


def test_other_jars_make_another_archive(environment, tmp_path):
    submit(environment)
    (tmp_path / "home" / "jars" / "spark" / "new.jar").write_text("")
    submit(environment)
    assert len(archives(tmp_path)) == 2


def test_the_newest_three_archives_are_kept(environment, tmp_path):
    folder = tmp_path / "home" / "cds"
    folder.mkdir()
    for age in range(4):
        former = folder / f"former-{age}.jsa"
        former.write_text("")
        os.utime(former, (1_000_000 - age, 1_000_000 - age))
    submit(environment)
    assert {archive.name for archive in archives(tmp_path)} >= {"former-0.jsa", "former-1.jsa"}
    assert len(archives(tmp_path)) == 3


def test_a_run_that_failed_keeps_its_exit_status_and_leaves_no_archive(environment, tmp_path):
    assert submit(environment, "fail").returncode == 75
    assert list((tmp_path / "home" / "cds").iterdir()) == []


def hanging(environment, tmp_path):
    """A task whose driver does not end, and that driver."""
    task = f"import subprocess; subprocess.run([{str(SPARK_SUBMIT)!r}, 'spark_jobs/process_events/job.py', 'hang'])"
    parent = subprocess.Popen([sys.executable, "-c", task], env=environment, stdout=subprocess.DEVNULL)
    pid_file = tmp_path / "pid"
    assert wait_until(lambda: pid_file.exists() and pid_file.read_text().strip() != "", 30)
    return parent, psutil.Process(int(pid_file.read_text()))


def kill(parent, driver):
    """The task; the driver follows."""
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert wait_until(lambda: not psutil.pid_exists(driver.pid) or driver.status() == psutil.STATUS_ZOMBIE, 10)


@pytest.mark.parametrize("has_archive", [False, True])
def test_the_driver_dies_with_its_task(environment, tmp_path, has_archive):
    if has_archive:
        submit(environment)
    parent, driver = hanging(environment, tmp_path)
    assert driver.is_running()
    kill(parent, driver)


def folders_of(done):
    (line,) = re.findall("^folders: (.*)$", done.stdout, re.MULTILINE)
    return line.split(",")


@pytest.mark.parametrize("places", [["local"], ["one", "other place"]])
def test_a_driver_keeps_what_is_temporary_in_folders_of_its_own(environment, tmp_path, places):
    environment["SPARK_LOCAL_DIRS"] = ",".join(str(tmp_path / place) for place in places)
    submit(environment)
    first, second = submit(environment), submit(environment)
    assert [Path(folder).parent for folder in folders_of(first)] == [tmp_path / place for place in places]
    assert not set(folders_of(first)) & set(folders_of(second))
    for done in (first, second):
        assert f'"-Djava.io.tmpdir={folders_of(done)[0]}"' in done.stdout
        assert "-XX:SharedArchiveFile=" in done.stdout


def test_options_of_the_operator_come_after_ours(environment):
    environment["SPARK_SUBMIT_OPTS"] = "-Djava.io.tmpdir=/elsewhere"
    given = [option for option in submit(environment).stdout.split() if "java.io.tmpdir" in option]
    assert len(given) == 2 and given[1] == "-Djava.io.tmpdir=/elsewhere"


@pytest.mark.parametrize("has_archive", [False, True])
def test_the_folder_of_a_driver_stays_while_it_lives_and_goes_before_the_next_one_starts(
    environment, tmp_path, has_archive
):
    if has_archive:
        submit(environment)
    parent, driver = hanging(environment, tmp_path)
    (folder,) = (path for path in (tmp_path / "local").iterdir() if psutil.pid_exists(int(path.name.split("-")[2])))
    (folder / "blockmgr-1").mkdir()
    (folder / "blockmgr-1" / "shuffle_0_0_0.data").write_text("what people did")
    submit(environment)
    assert folder.exists()
    kill(parent, driver)
    assert folder.exists()
    assert wait_until(lambda: submit(environment).returncode == 0 and not folder.exists(), 10)


def test_only_folders_of_drivers_are_removed(environment, tmp_path):
    local = tmp_path / "local"
    kept = ["blockmgr-of-somebody", "footfall-driver-x-y", f"footfall-driver-{os.getpid()}-AbCdEfGh"]
    for name in (*kept, "footfall-driver-999999999-AbCdEfGh", "elsewhere"):
        (local / name).mkdir(parents=True)
    (local / "footfall-driver-999999998-AbCdEfGh").symlink_to(local / "elsewhere")
    submit(environment)
    left = {path.name for path in local.iterdir()}
    assert left == {*kept, "elsewhere", "footfall-driver-999999998-AbCdEfGh"}


def test_a_place_that_cannot_be_written_to_is_left_to_spark(environment):
    environment["SPARK_LOCAL_DIRS"] = "/dev/null/local"
    done = submit(environment)
    assert (done.returncode, folders_of(done)) == (0, ["/dev/null/local"])


@pytest.fixture
def standing(environment, tmp_path):
    """Listens where a driver would that stands."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "conf" / "driver.sock"))
        door.listen()
        door.settimeout(30)
        yield door


def take(door):
    """(connection, arguments, outputs) of the next call."""
    connection, _ = door.accept()
    content, outputs, _, _ = socket.recv_fds(connection, 65_536, 2)
    connection.sendall(b"taken\n")
    return connection, json.loads(content), outputs


def test_a_batch_is_handed_to_the_driver_that_stands_with_its_words_and_outputs(environment, standing):
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(submit, environment, "--batch", "7", "--run", "manual__a b")
        connection, arguments, outputs = take(standing)
        assert arguments == ["--batch", "7", "--run", "manual__a b"]
        for output, text in zip(outputs, (b"to output", b"to error"), strict=True):
            os.write(output, text)
            os.close(output)
        connection.sendall(b"75\n")
        result = done.result(30)
    assert (result.returncode, result.stdout, result.stderr) == (75, "to output", "to error")


def test_a_driver_that_dies_at_work_is_a_failure_of_its_batch(environment, standing):
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(submit, environment, "--batch", "7")
        connection, _, outputs = take(standing)
        connection.close()
        for output in outputs:
            os.close(output)
        assert done.result(30).returncode == 137


def test_a_batch_starts_a_driver_of_its_own_where_the_one_that_stands_is_gone_or_goes(environment, standing):
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(submit, environment, "--batch", "7")
        standing.accept()[0].close()
        result = done.result(30)
    assert result.returncode == 0 and "words: " in result.stdout
    standing.close()
    assert "words: " in submit(environment, "--batch", "8").stdout


def test_other_jobs_start_drivers_of_their_own(environment, standing):
    assert "words: " in submit(environment, "--round", "days-2", job="build_day_reports").stdout


def test_whoever_asked_is_gone_with_its_task(environment, standing):
    task = f"import subprocess; subprocess.run([{str(SPARK_SUBMIT)!r}, 'spark_jobs/process_events/job.py', '--batch', '7'])"
    parent = subprocess.Popen([sys.executable, "-c", task], env=environment, stdout=subprocess.DEVNULL)
    connection, _, _ = take(standing)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    connection.settimeout(10)
    assert is_over(connection)


def is_over(connection):
    """Killed before it read that its call was taken, the caller leaves a reset."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
