"""What a client, or a program beside the collector, may send wrongly: one table for the tests that send it and for docs/bad-input.md."""
