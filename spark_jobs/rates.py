"""Rates of exchange from the collection `fx_rates`."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from pymongo.database import Database

from contracts.names import Collection
from spark_jobs.database import Document
from spark_jobs.rules.exchange import RATE_DAYS_BACK, Rates


def read_rates(database: Database[Document], quote: str, needed: Iterable[tuple[str, date]]) -> Rates:
    """The rates into `quote` for each (base currency, day), with the days before that may stand in for it."""
    ids = {
        f"{base}/{quote}/{(day - timedelta(days=back)).isoformat()}"
        for base, day in needed
        if base != quote
        for back in range(RATE_DAYS_BACK + 1)
    }
    if not ids:
        return Rates(quote)
    found = database[Collection.FX_RATES].find({"_id": {"$in": sorted(ids)}})
    table = {(rate["base"], date.fromisoformat(rate["day"])): Decimal(rate["rate"]) for rate in found}
    return Rates(quote, table)
