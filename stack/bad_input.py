"""The text of `docs/bad-input.md`: the table that the tests send, in words."""

from contracts.errors import EXPLANATIONS
from tests.bad_inputs.rows import BadInput, Door, Fate
from tests.bad_inputs.table import BAD_INPUTS

_SHOWN_CHARACTERS = 90
_GZIP = b"\x1f\x8b"
_HEAD = """# Bad input

What becomes of messages that are wrong, class by class. Each row is sent by a test, through a real collector and broker into
one batch of the Spark job, and stands between good messages: the good ones are counted with that batch, and the bad one ends as
its row says. This file is printed from the tables in `tests/bad_inputs/` by `make docs`.

*Counted* means that the message is an event like any other: what is wrong with it hurts no number. *Inbox* means the shop's error inbox
(`failed_events`) with this code and the bytes as they were sent; of more than 32 KB the first 32 KB. What to do about a code stands [below](#codes). A status is the collector's answer to the whole
request; a batch with a bad message is answered 200.
"""


def bad_input_markdown() -> str:
    """One table for each door, in the order of `Door`, and one of all codes."""
    parts = [_HEAD]
    for door in Door:
        rows = [_row(row) for row in BAD_INPUTS.values() if row.door is door]
        title = door.value[0].upper() + door.value[1:]
        parts.append(
            "\n".join([f"## {title}", "", "| class | what is sent | what comes of it |", "|---|---|---|", *rows])
        )
        parts.append("")
    codes = [f"| `{code}` | {told.sentence} | {told.fix} |" for code, told in EXPLANATIONS.items()]
    parts.append("\n".join(["## Codes", "", "| code | what happened | what to do |", "|---|---|---|", *codes, ""]))
    return "\n".join(parts)


def _row(row: BadInput) -> str:
    sent = _fields(row) if row.fields else _shown(row.sent)
    key = "" if row.kind == "server" else f", {row.kind} key"
    return f"| {row.name}{key} | {sent} | {_fate(row.fate)} |"


def _fields(row: BadInput) -> str:
    return ", ".join(f"`{name}` {_shown(repr(value).encode())}" for name, value in row.fields.items())


def _shown(sent: bytes | None) -> str:
    """Bytes as they would stand in a Python program, the middle of long ones left out.

    What gzip makes of them is not the same everywhere, and is only named.
    """
    if not sent:
        return "no value" if sent is None else "nothing"
    if sent.startswith(_GZIP) and len(sent) > _SHOWN_CHARACTERS // 2:
        return "gzip"
    text = repr(sent)[2:-1]
    if len(text) > _SHOWN_CHARACTERS:
        half = _SHOWN_CHARACTERS // 2
        text = f"{text[:half]} … {text[-half:]}"
        return f"{_code(text)} ({len(sent):,} bytes)"
    return _code(text)


def _code(text: str) -> str:
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}".replace("|", "\\|")


def _fate(fate: Fate) -> str:
    status = f"{fate.status}; " if fate.status else ""
    if fate.code is None:
        return f"{status}{'counted' if fate.counted else 'refused, nothing is kept' if fate.status == 401 else 'nothing to count'}"
    whose = {None: "", "": " of no shop"}.get(fate.merchant, " of the unknown shop")
    what = ", with its envelope" if fate.whole_value and fate.merchant is None else ""
    return f"{status}inbox{whose}: `{fate.code}`{what}"
