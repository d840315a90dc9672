"""A second way to the same numbers: plain Python from sent messages to expected reports.

It follows design section 5 and shares no code with the jobs or with `contracts/`, its time zones and money included.
It knows what the tests send, not everything that a client could send.
"""
