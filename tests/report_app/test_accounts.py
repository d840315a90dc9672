import pytest

from report_app.accounts import BadAccount, hash_password, is_password, new_user
from tests.report_app.documents import NOW


def test_a_password_is_kept_as_an_argon2id_hash():
    hashed = hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert is_password("correct horse", hashed)
    assert not is_password("wrong horse", hashed)


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_nothing_fits_without_a_stored_hash(stored):
    assert not is_password("no account has this password", stored)


def test_an_address_is_kept_in_lower_case():
    assert new_user(" Anna@Example.com ", "long enough", ["a"], "Anna", "en_GB", NOW)["_id"] == "anna@example.com"


def test_a_short_password_is_refused():
    with pytest.raises(BadAccount):
        hash_password("short")
