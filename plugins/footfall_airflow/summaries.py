"""One line about an entry of the ledger, for logs and for the note of its run."""

from typing import Any


def summary(entry: dict[str, Any]) -> str:
    """`Batch 12 · reported · 1,840 messages · 3 merchants · 4 hours · 17.2 s`, with what is known so far."""
    name = f"Batch {entry['_id']}" if isinstance(entry["_id"], int) else f"Round {entry['_id']}"
    if entry.get("parent"):
        name += f" (half of {entry['parent']})"
    merchants = {touched["merchant"] for touched in entry.get("touched", [])}
    left_out = entry.get("counts", {}).get("forgotten", 0)
    parts = [
        name,
        entry["state"].replace("_", " "),
        _count(entry.get("messages"), "message"),
        f"{left_out:,} of forgotten people left out" if left_out else "",
        _count(len(merchants), "merchant"),
        _count(len(entry.get("hours", [])), "hour"),
        f"{entry['seconds']:.1f} s" if "seconds" in entry else "",
        f"attempt {entry['attempt']}" if entry["attempt"] > 1 else "",
    ]
    return " · ".join(filter(None, parts))


def _count(number: int | None, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
