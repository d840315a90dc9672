"""Many things, some at a time. (`itertools.batched` of a later Python.)"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size`, the last of what is left; nothing is read ahead of the list that is asked for."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk
