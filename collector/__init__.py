"""The collector: Segment-compatible messages come in over HTTP and go out to Kafka as envelopes.

Start it with its settings (FOOTFALL_COLLECTOR_HOST, FOOTFALL_COLLECTOR_PORT, FOOTFALL_KEY_SECRETS, …):

    python -m collector

A 2xx is sent only when the broker has acknowledged every message of the request. SIGTERM answers what is under way and
then stops, in at most FOOTFALL_DELIVERY_TIMEOUT_SECONDS + 5 seconds. SIGHUP takes secrets and settings in files anew.
"""
