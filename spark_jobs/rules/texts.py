"""Texts as clients send them: what counts as given, and what is cut off.

Letters change case through `translate`: Spark's own `upper` and `lower` load Unicode tables for three seconds in each job.
"""

import string

from pyspark.sql import Column
from pyspark.sql import functions as F

WHITESPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Python's `str.strip` takes off, so that jobs and other programs agree."""


def stripped(text: Column) -> Column:
    return F.btrim(text, F.lit(WHITESPACE))


def given(text: Column) -> Column:
    """The text as it is; null where it is empty or spaces: such a text says as little as none."""
    return F.when(F.trim(text) != "", text)


def label(text: Column, length: int = 500) -> Column:
    """Stripped and cut to `length` characters; null where nothing is left."""
    short = F.substring(stripped(text), 1, length)
    return F.when(short != "", short)


def lower(text: Column) -> Column:
    """ASCII letters in lower case; others as they are."""
    return F.translate(text, string.ascii_uppercase, string.ascii_lowercase)


def upper(text: Column) -> Column:
    """ASCII letters in upper case; others as they are."""
    return F.translate(text, string.ascii_lowercase, string.ascii_uppercase)
