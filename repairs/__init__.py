"""Repairs of messages that could not be used: pure functions, from a message to the repaired message or to None.

`rules` holds the built-in rules, `shop_rules` those that a person makes. What can be read in more than one way is not
repaired: a message in the inbox is seen by somebody, a wrong number is not.
"""
