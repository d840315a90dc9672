"""The document from which analytics-next takes its key and its door."""

from collector.settings_document import settings_document


def test_it_names_the_key_and_the_public_door():
    door = settings_document("wk1.p", "https://in.example/footfall/")["integrations"]["Segment.io"]
    assert (door["apiKey"], door["apiHost"], door["protocol"]) == ("wk1.p", "in.example/footfall/v1", "https")
