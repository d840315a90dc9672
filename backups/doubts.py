"""When a backup that is proven is still no success. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    documents: int
    bytes: int


def doubts(now: Size, before: Size | None, shrink: float) -> list[str]:
    """Sentences: it is empty, or it lost more than the share `shrink` of what the whole one before it had.

    The first one may be empty: a platform begins with nothing.
    """
    if before is None:
        return []
    if now.documents == 0 < before.documents:
        return [f"The backup is empty; the one before had {before.documents:,} documents."]
    found = []
    for noun, new, old in (("documents", now.documents, before.documents), ("bytes", now.bytes, before.bytes)):
        if new < old * (1 - shrink):
            found.append(
                f"The backup has {new:,} {noun}, {1 - new / old:.0%} fewer than the one before ({old:,}); "
                f"{shrink:.0%} are the limit."
            )
    return found
