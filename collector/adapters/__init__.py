"""Adapters: what other clients send, as messages of ours. Pure: a request in, messages out.

Raise an adapter's version when it makes something else of the same bytes. `source.raw` of the envelope is the client's
request cut down to the one event, so that a later version can read it again.
"""
