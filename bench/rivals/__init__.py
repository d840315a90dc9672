"""Programs that do the collector's main work with other means, to be measured beside it.

Each takes `/v1/track` and `/v1/batch`, checks the write key, parses every message, wraps it in an envelope, and answers
when the broker has acknowledged all of a request's envelopes. What each leaves out stands in `servers.py`.
"""
