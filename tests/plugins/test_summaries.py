from footfall_airflow.summaries import summary


def test_a_batch_in_one_line():
    entry = {
        "_id": 12,
        "state": "announced",
        "messages": 1840,
        "touched": [{"merchant": "chai"}, {"merchant": "nordlicht"}],
        "hours": [1],
        "seconds": 17.24,
        "attempt": 2,
    }
    assert summary(entry) == "Batch 12 · announced · 1,840 messages · 2 merchants · 1 hour · 17.2 s · attempt 2"


def test_only_what_is_known():
    assert summary({"_id": "days-3", "state": "planned", "attempt": 0}) == "Round days-3 · planned"


def test_messages_of_forgotten_people():
    entry = {"_id": 12, "state": "reported", "messages": 40, "counts": {"messages": 37, "forgotten": 3}, "attempt": 1}
    assert summary(entry) == "Batch 12 · reported · 40 messages · 3 of forgotten people left out"
