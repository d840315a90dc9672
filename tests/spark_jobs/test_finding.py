"""What stands together in rows: ids that everybody sends who has none lead nowhere."""

import pytest

from contracts.person_ids import IdKind, PersonId, hashed, id_key
from spark_jobs.forget_people.finding import triples_of
from tests.spark_jobs.samples import archive_rows, archived

KEY = id_key(b"1" * 16, "amber")


def hash_of(kind, value):
    return hashed(KEY, PersonId(kind, value))


@pytest.mark.parametrize("nobody", ["null", "Undefined", " 0 ", "x" * 513])
def test_what_stands_for_no_id_is_nobody(spark, nobody):
    rows = [
        archived("hers", anonymous_id="phone", user_id=nobody),
        archived("another", anonymous_id=nobody, user_id="bert"),
        archived("an order", anonymous_id=nobody, user_id=nobody, order={"order_id": nobody}),
    ]
    found = triples_of(spark, archive_rows(spark, rows), KEY).toArrow().to_pylist()
    assert {tuple(row.values()) for row in found} == {
        (hash_of(IdKind.ANONYMOUS, "phone"), None, None),
        (None, hash_of(IdKind.USER, "bert"), None),
        (None, None, None),
    }
