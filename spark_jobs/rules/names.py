"""Event names: the table of `contracts.events` as column expressions."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.events import CANONICAL_NAMES, Event
from spark_jobs.rules.texts import WHITESPACE, lower, stripped

_GAPS = f"[_{WHITESPACE}]+"


def folded_name(name: Column) -> Column:
    """The form in which names are compared: trimmed, lower case, `_` and runs of whitespace as one space."""
    return lower(F.trim(F.regexp_replace(name, _GAPS, " ")))


def canonical_name(name: Column) -> Column:
    """Same as `contracts.events.canonical_name`: the canonical name, else the trimmed name itself."""
    is_canonical = name.isin([str(event) for event in Event])
    table = F.create_map(*[F.lit(text) for pair in CANONICAL_NAMES.items() for text in pair])
    return F.when(is_canonical, name).otherwise(F.coalesce(table[folded_name(name)], stripped(name)))
