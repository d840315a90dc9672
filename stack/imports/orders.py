"""Mappings of orders: files in which consecutive rows of one number are one order, and an order is one message or several."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from stack.imports.mapping import BadRow, filled, time_text
from stack.imports.rows import Row

_NOTHING = ("", "0", "0.0", "0.00")


@dataclass(frozen=True, slots=True)
class OrderMessage:
    """Made where column `when` says anything, or one of `values`. `product` is filled from each row that has `quantity`."""

    fields: dict[str, Any]
    id: str
    time: str
    when: str
    values: tuple[str, ...]
    product: dict[str, Any]
    quantity: str

    def is_due(self, columns: dict[str, str]) -> bool:
        text = columns[self.when]
        return text in self.values if self.values else text not in _NOTHING

    def made_of(self, rows: Sequence[Row], time_format: str, zone: ZoneInfo) -> dict[str, Any]:
        first = rows[0].columns
        message = filled(self.fields, first)
        if self.product:
            lines = [filled(self.product, row.columns) for row in rows if row.columns[self.quantity] not in _NOTHING]
            message["properties"]["products"] = lines
        time = time_text(first[self.time], time_format, zone)
        return {**message, "messageId": self.id.format_map(first), "timestamp": time}


@dataclass(frozen=True, slots=True)
class OrdersMapping:
    """`group` is the column with the order's number; times without a zone are those of `zone`."""

    group: str
    time_format: str
    messages: tuple[OrderMessage, ...]
    zone: ZoneInfo

    def groups_of(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Raises BadRow where the file has no such column."""
        try:
            for _, found in groupby(rows, lambda row: row.columns[self.group]):
                yield list(found)
        except KeyError as missing:
            raise BadRow(f"The file has no column {missing}: is it an export of orders?") from None

    def messages_of(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Those of one order. Raises BadRow."""
        columns = rows[0].columns
        try:
            due = [message for message in self.messages if message.is_due(columns)]
            return [message.made_of(rows, self.time_format, self.zone) for message in due]
        except KeyError as missing:
            raise BadRow(f"it has no column {missing}") from None
        except ValueError as error:
            raise BadRow(str(error)) from None


def orders_mapping(declared: dict[str, Any], zone: ZoneInfo) -> OrdersMapping:
    """Raises KeyError where something is missing."""
    row = declared["row"]
    messages = tuple(
        OrderMessage(
            fields={**declared["message"], "event": one["event"], "properties": one["properties"]},
            id=one["id"],
            time=one["time"],
            when=one["when"],
            values=tuple(one.get("values", ())),
            product=one.get("product", {}),
            quantity=one.get("quantity", ""),
        )
        for one in declared["orders"]
    )
    return OrdersMapping(row["group"], row["time_format"], messages, zone)
