"""Sends a shop's traffic through the public API: its history with a server key, the last hours as its pages would."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from stack.demo.accounts import Keys
from stack.demo.traffic import Traffic
from stack.demo.visits import Sending, stamp
from stack.imports.sending import Door, split

FROM_PAGES = timedelta(hours=3)


def post_traffic(traffic: Traffic, keys: Keys, url: str, until: datetime, advance: Callable[[int], None]) -> None:
    """Returns when all is acknowledged; `advance` hears of every request's messages. Raises SendingStopped."""
    server, page = Door(url, keys.server), Door(url, keys.page)
    for is_from_page, sendings in groupby(traffic.sendings, lambda one: _is_from_page(one, until)):
        if is_from_page:
            for batch in _requests_of_pages(list(sendings)):
                page.send(batch, sentAt=stamp(datetime.now(UTC)))
                advance(len(batch))
        else:
            for batch in split([sending.message for sending in sendings]):
                server.send(batch)
                advance(len(batch))


def _is_from_page(sending: Sending, until: datetime) -> bool:
    return not sending.needs_server_key and sending.at > until - FROM_PAGES


def _requests_of_pages(sendings: list[Sending]) -> Iterator[list[dict[str, object]]]:
    """A visitor's messages go together, in the order in which the visitors came."""
    visitors: dict[str, list[dict[str, object]]] = {}
    for sending in sendings:
        visitors.setdefault(str(sending.message.get("anonymousId")), []).append(sending.message)
    for messages in visitors.values():
        yield from split(messages)
