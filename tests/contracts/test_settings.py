"""Settings: every wrong one is named, with what to do."""

from pathlib import Path

import pytest

from contracts.settings import Settings, SettingsError, read_settings

SECRET = "ab" * 16


def test_defaults_come_without_an_environment():
    assert read_settings({}) == Settings()
    assert read_settings({"PATH": "/bin", "FOOTFALLS": "x"}) == Settings()


def test_values_have_the_type_of_their_default():
    found = read_settings(
        {
            "FOOTFALL_COLLECTOR_PORT": "9000",
            "FOOTFALL_WAKE_AFTER_SECONDS": "0.5",
            "FOOTFALL_SECURE_COOKIES": "True",
            "FOOTFALL_DATA": "/data",
            "FOOTFALL_DATABASE": "shop",
        }
    )
    assert (found.collector_port, found.wake_after_seconds, found.secure_cookies) == (9000, 0.5, True)
    assert (found.data, found.database) == (Path("/data"), "shop")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOOTFALL_NO_SUCH_SETTING", "1"),
        ("FOOTFALL_", "1"),
        ("FOOTFALL_collector_port", "1"),
        ("FOOTFALL_COLLECTOR_PORT", "80.5"),
        ("FOOTFALL_COLLECTOR_PORT", ""),
        ("FOOTFALL_SECURE_COOKIES", "yes"),
        ("FOOTFALL_WAKE_AFTER_SECONDS", "soon"),
        ("FOOTFALL_DATABASE", ""),
        ("FOOTFALL_COLLECTOR_HOST", ""),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_a_setting_without_a_default_may_be_empty():
    assert read_settings({"FOOTFALL_APP_SECRET": "", "FOOTFALL_PAUSE_FOLDER": ""}) == Settings()


def test_a_value_may_come_from_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"t1:{SECRET}\n")
    found = read_settings({"FOOTFALL_KEY_SECRETS_FILE": str(file)})
    assert found.secrets_by_id() == {"t1": bytes.fromhex(SECRET)}


def test_an_empty_file_is_an_empty_value(tmp_path):
    file = tmp_path / "database"
    file.touch()
    with pytest.raises(SettingsError, match="FOOTFALL_DATABASE"):
        read_settings({"FOOTFALL_DATABASE_FILE": str(file)})


def test_a_file_for_no_setting():
    with pytest.raises(SettingsError, match="FOOTFALL_NO_SUCH_SETTING"):
        read_settings({"FOOTFALL_NO_SUCH_SETTING_FILE": "/dev/null"})


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"FOOTFALL_APP_SECRET.*absent"):
        read_settings({"FOOTFALL_APP_SECRET_FILE": str(tmp_path / "absent")})


def test_a_setting_that_ends_in_file_is_itself():
    assert read_settings({"FOOTFALL_TRACKER_FILE": "x.js"}).tracker_file == Path("x.js")


def test_secrets_newest_first():
    found = Settings(key_secrets=f"new:{SECRET}, old:{'cd' * 16},").secrets_by_id()
    assert list(found) == ["new", "old"]


@pytest.mark.parametrize("text", ["", ",", "t1", "t1:", "t1:xyz", "t1:abcd", f":{SECRET}", f"t1:{SECRET},t2:ab"])
def test_bad_secrets_are_refused(text):
    with pytest.raises(SettingsError, match="FOOTFALL_KEY_SECRETS"):
        Settings(key_secrets=text).secrets_by_id()


def test_secrets_are_not_printed():
    printed = repr(Settings(key_secrets=f"t1:{SECRET}", app_secret="hidden"))
    assert SECRET not in printed and "hidden" not in printed
