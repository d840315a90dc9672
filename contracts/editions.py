"""Editions: a shop's reports under one version of its settings. A change of time zone or currency makes a new one.

An edition's id stands wherever scopes are kept (due scopes, orders, calendar), for ever: nothing is written anew when
readers are switched from one edition to the next.
"""

FIRST = 1
"""The settings version of a shop that never changed its time zone or currency."""


def edition_id(merchant: str, settings_version: int) -> str:
    """`lamps` for the first edition of the shop `lamps`, `lamps@2` for the one of settings version 2."""
    return merchant if settings_version == FIRST else f"{merchant}@{settings_version}"


def merchant_of(edition: str) -> str:
    return edition.partition("@")[0]
