"""The configurations that a start writes are what the programs themselves accept."""

import configparser
import json
import os
import re
import stat
import subprocess

import pytest

from stack.parts import airflow, kafka, nginx, spark
from stack.programs import all_programs, ports
from stack.supervision import configuration, write_configuration


def test_the_supervisor_has_every_program_and_starts_none_by_itself(settings):
    parsed = configparser.RawConfigParser()
    parsed.read_string(configuration(settings, all_programs(settings), "secret", is_root=False))
    for program in all_programs(settings):
        section = parsed[f"program:{program.name}"]
        assert (section["autostart"], section["autorestart"]) == ("false", "true")
        assert (section["stopasgroup"], section["killasgroup"]) == ("true", "true")
    groups = [name for name in parsed.sections() if name.startswith("group:")]
    priorities = {name: int(parsed[name]["priority"]) for name in groups}
    assert priorities["group:engines"] < priorities["group:front"] < priorities["group:airflow"]
    grouped = [name for group in groups for name in parsed[group]["programs"].split(",")]
    assert sorted(grouped) == sorted(program.name for program in all_programs(settings))


def test_only_the_owner_reads_what_holds_secrets(settings):
    write_configuration(settings, all_programs(settings))
    airflow.write_configuration(settings)
    for file in (settings.data / "supervisord.conf", *(settings.data / "airflow").glob("*.*")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_airflow_reads_its_configuration(settings):
    airflow.write_configuration(settings)
    wanted = airflow.configuration(settings)
    parsed = configparser.ConfigParser()
    parsed.read(settings.data / "airflow" / "airflow.cfg")
    for section, values in wanted.items():
        assert dict(parsed[section]) == {name: str(value) for name, value in values.items()}
    assert parsed["api"]["host"] == "127.0.0.1"
    password = json.loads((settings.data / "airflow" / "passwords.json").read_text())[airflow.USER]
    assert len(password) >= 12


def test_spark_finds_its_connection_not_yarn(settings):
    connection = json.loads(airflow.environment(settings)["AIRFLOW_CONN_SPARK_DEFAULT"])
    assert (connection["conn_type"], connection["host"]) == ("spark", "local[*]")


def test_spark_defaults_name_nothing_of_one_stack(settings):
    text = spark.defaults(settings, memory_bytes=24 << 30, cores=2)
    assert str(settings.data) not in text
    assert f"{settings.home}/jars/spark/*" in text
    values = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert (values["spark.driver.memory"], values["spark.ui.enabled"]) == ("2g", "false")
    assert dict(line.split(maxsplit=1) for line in spark.defaults(settings, 4 << 30, 16).splitlines())[
        "spark.sql.shuffle.partitions"
    ] == ("4")


def test_spark_keeps_what_is_temporary_where_the_operator_says(settings, monkeypatch):
    monkeypatch.delenv("SPARK_LOCAL_DIRS", raising=False)
    assert spark.environment(settings)["SPARK_LOCAL_DIRS"] == str(settings.data / "spark" / "local")
    monkeypatch.setenv("SPARK_LOCAL_DIRS", "/fast,/large")
    assert spark.environment(settings)["SPARK_LOCAL_DIRS"] == "/fast,/large"


def test_a_start_clears_what_no_driver_owns(settings, tmp_path, monkeypatch):
    own, other = settings.data / "spark" / "local", tmp_path / "of the operator"
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{other},{tmp_path / 'missing'}")
    living, gone = f"footfall-driver-{os.getpid()}-AbCdEfGh", f"footfall-driver-{10**30}-AbCdEfGh"
    for folder in (own, other):
        for name in (living, gone, "blockmgr-1"):
            (folder / name / "00").mkdir(parents=True)
        (folder / "liblz4.so").write_text("")
        (folder / f"{gone}-too").symlink_to(folder / "blockmgr-1")
    spark.write_configuration(settings)
    assert [path.name for path in own.iterdir()] == [living]
    assert {path.name for path in other.iterdir()} == {living, "blockmgr-1", "liblz4.so", f"{gone}-too"}


def test_a_broker_accepts_its_properties(settings):
    kafka.write_configuration(settings)
    assert not kafka.is_formatted(settings)
    subprocess.run(kafka.format_command(settings), check=True, capture_output=True, timeout=60)
    assert kafka.is_formatted(settings)


@pytest.mark.skipif(nginx.program() is None, reason="NGINX is not installed")
def test_nginx_accepts_its_configuration(settings):
    nginx.write_configuration(settings)
    program, *words = nginx.programs(settings)[0].command
    done = subprocess.run([program, "-t", *words], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_nginx_serves_as_nobody_and_sends_no_post_twice(settings):
    text = nginx.configuration(settings, "nobody nogroup")
    assert "user nobody nogroup;" in text
    assert "non_idempotent" not in text and "proxy_next_upstream error timeout;" in text
    kept_seconds = re.search(r"upstream collectors .* keepalive_timeout (\d+)s;", text)
    assert kept_seconds and 0 < int(kept_seconds[1]) < settings.slow_client_seconds
    assert "user " not in nginx.configuration(settings, None).replace("$remote_user ", "")
    for port in (settings.collector_port, settings.collector_port + 1):
        assert f"server 127.0.0.1:{port} " in text


def test_every_port_is_on_the_loopback_and_has_a_setting_of_its_own(settings):
    numbers = [port for port, _, _ in ports(settings)]
    assert len(numbers) == len(set(numbers))
    assert {setting for _, _, setting in ports(settings)} <= {f"FOOTFALL_{name.upper()}" for name in _names(settings)}


def _names(settings):
    return settings.__dataclass_fields__
