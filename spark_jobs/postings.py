"""What orders add to scopes: postings by scope, and the rates that they need."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from pymongo.database import Database

from contracts.zones import local_date
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Editions, Merchant
from spark_jobs.orders import StoredOrder, orders_counting_on, scopes_of_instant
from spark_jobs.rates import read_rates
from spark_jobs.rules.exchange import Rates
from spark_jobs.rules.orders import Posting, fold

Postings = dict[Scope, list[Posting]]


def postings_on(database: Database[Document], scopes: Iterable[Scope], editions: Editions) -> Postings:
    """The postings that count on each of the scopes (of one group), in a fixed order; scopes without any are absent."""
    wanted = set(scopes)
    return postings_of({order.id: order for order in orders_counting_on(database, wanted)}, wanted, editions)


def postings_of(orders: dict[str, StoredOrder], scopes: Iterable[Scope], editions: Editions) -> Postings:
    """The same of any orders, by their ids."""
    wanted = set(scopes)
    of_merchant: dict[str, list[Merchant]] = {}
    for edition in editions.values():
        of_merchant.setdefault(edition.id, []).append(edition)
    found: Postings = {}
    for _, order in sorted(orders.items()):
        for merchant in of_merchant.get(order.merchant, ()):
            for posting in fold(order.events, merchant.terms):
                for scope in scopes_of_instant(merchant, posting.at):
                    if scope in wanted:
                        found.setdefault(scope, []).append(posting)
    return found


def rates_for(database: Database[Document], postings: Postings, editions: Editions) -> dict[str, Rates]:
    """Rates into each reporting currency, for the currencies and home days of the postings."""
    needed: dict[str, set[tuple[str, date]]] = {}
    for scope, of_scope in postings.items():
        merchant = editions[scope.edition]
        days = {(posting.currency, local_day_of(merchant)(posting.rate_time)) for posting in of_scope}
        needed.setdefault(merchant.currency, set()).update(days)
    return {currency: read_rates(database, currency, pairs) for currency, pairs in needed.items()}


def local_day_of(merchant: Merchant) -> Callable[[datetime], date]:
    return lambda instant: local_date(merchant.time_zone, instant)
