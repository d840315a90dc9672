"""Orders without the messages of a batch that was given up; nothing is written here."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from spark_jobs.merchants import Merchant
from spark_jobs.orders import OrderChanges, StoredOrder, event_of_row, key_of, order_scopes, places
from spark_jobs.rules.orders import merged

Rows = Iterable[Mapping[str, Any]]


def taken_back(
    stored: Mapping[str, StoredOrder], rows: Rows, copies: Rows, merchants: Mapping[str, Merchant]
) -> OrderChanges:
    """`rows`: the batch's order messages. `copies`: other batches' arrivals of the same messages, which count again.

    An order of which nothing is left is changed to one without events. Those of a merchant that is gone stay.
    """
    taken = {row["envelope_id"] for row in rows}
    others: dict[str, list[Any]] = {}
    for row in copies:
        others.setdefault(key_of(row), []).append(event_of_row(dict(row)))
    changes = OrderChanges([], {})
    for key in sorted({key_of(row) for row in rows} & stored.keys()):
        order = stored[key]
        left = [event for event in order.events if event.envelope_id not in taken]
        if order.merchant not in merchants or len(left) == len(order.events):
            continue
        merchant, events = merchants[order.merchant], merged(left, others.get(key, ()))
        scopes = order_scopes(events, merchant)
        changes.causes |= {scope: set() for scope, _ in places(scopes, order.scopes, merchant)}
        changes.changed.append(replace(order, events=events, scopes=sorted(scope.id for scope in scopes)))
    return changes
