"""A shop's history from a file, sent through the public HTTP API."""
