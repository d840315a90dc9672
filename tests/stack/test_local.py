"""The settings of a stack on this machine, and what its programs are told of them."""

import stat
from dataclasses import replace

from contracts.settings import Settings, read_settings
from stack.addresses import port_of_bootstrap, port_of_mongo, port_of_url
from stack.local import (
    ROOT,
    local_settings,
    program_environment,
    record,
    recorded_settings,
    settings_as_environment,
)
from stack.parts import nginx


def test_everything_that_is_written_lies_in_the_data_folder(settings, tmp_path):
    assert settings.data == tmp_path / "data"
    assert settings.lake_warehouse == f"{settings.data}/lake/warehouse"
    assert settings.dump_folder == f"{settings.data}/dumps"
    assert settings.lake_catalog_uri == f"jdbc:sqlite:{settings.data}/lake/catalog.db"
    assert settings.home == ROOT / ".footfall"


def test_an_archive_elsewhere_stays_elsewhere(environment):
    settings = local_settings(environment | {"FOOTFALL_LAKE_WAREHOUSE": "s3://lake/warehouse"})
    assert settings.lake_warehouse == "s3://lake/warehouse"


def test_without_nginx_the_first_collector_and_app_are_the_public_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(nginx, "program", lambda: None)
    settings = local_settings({"FOOTFALL_DATA": str(tmp_path), "FOOTFALL_COLLECTOR_PORT": "7001"})
    assert (settings.public_collector_url, settings.public_app_url) == (
        "http://127.0.0.1:7001",
        f"http://127.0.0.1:{Settings().app_port}",
    )


def test_secrets_are_made_once_and_only_their_owner_reads_them(settings, environment):
    files = list((settings.data / "secrets").iterdir())
    assert {file.name for file in files} == {"key_secrets", "app_secret", "erasure_secrets"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert settings.secrets_by_id() and len(settings.app_secret) >= 32
    assert local_settings(environment) == settings


def test_a_secret_that_is_given_is_kept(environment):
    given = "k9:" + "ab" * 32
    assert local_settings(environment | {"FOOTFALL_KEY_SECRETS": given}).key_secrets == given
    assert local_settings(environment).key_secrets == given


def test_programs_read_the_same_settings_and_no_secret_stands_in_their_environment(settings):
    told = settings_as_environment(settings)
    assert read_settings(told) == settings
    assert settings.app_secret not in str(program_environment(settings))
    assert settings.key_secrets not in str(program_environment(settings))


def test_secrets_of_alerts_stand_in_files_where_they_are_given(environment, tmp_path):
    secrets = {
        "ALERT_SMTP_PASSWORD": "pass-word",
        "ALERT_WEBHOOK_URL": "https://ops.example/token-1",
        "ALERT_WEBHOOK_SECRET": "s" * 20,
    }
    settings = local_settings(environment | {f"FOOTFALL_{name}": value for name, value in secrets.items()})
    told = settings_as_environment(settings)
    assert read_settings(told) == settings
    assert not [value for value in secrets.values() if value in f"{told} {settings}"]
    assert read_settings(settings_as_environment(local_settings(environment))).alert_webhook_url == ""


def test_our_spark_submit_comes_first(settings):
    first = program_environment(settings)["PATH"].split(":")[0]
    assert (ROOT / "stack" / "bin" / "spark-submit").exists() and first == str(ROOT / "stack" / "bin")


def test_later_commands_find_the_stack_by_its_folder_alone(settings):
    record(settings)
    assert recorded_settings({"FOOTFALL_DATA": str(settings.data)}) == settings
    other = replace(settings, airflow_port=1)
    record(other)
    assert recorded_settings({"FOOTFALL_DATA": str(settings.data)}).airflow_port == 1


def test_ports_inside_of_addresses():
    assert port_of_bootstrap("10.0.0.1:9092,10.0.0.2:9093") == 9092
    assert port_of_mongo("mongodb://u:p@h:27117,h2:1/?replicaSet=rs0") == 27117
    assert port_of_mongo("mongodb://h/") == 27017
    assert (port_of_url("http://h:8800/x"), port_of_url("https://h"), port_of_url("http://h")) == (8800, 443, 80)
