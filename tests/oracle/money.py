"""Amounts as whole minor units."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

DIGITS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "EUR": 2, "USD": 2, "INR": 2, "GBP": 2, "CHF": 2, "SEK": 2}
LARGEST = 10**15


class BadAmount(ValueError):
    """`code` is the error code that the message deserves."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def number(value: Any, code: str = "bad_amount") -> Decimal | None:
    """None where nothing was sent; raises BadAmount for what is no finite number."""
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise BadAmount(code) from None
    if not found.is_finite() or isinstance(value, bool):
        raise BadAmount(code)
    return found


def rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


def minor(value: Decimal, currency: str) -> int:
    amount = rounded(value.scaleb(DIGITS[currency]))
    if abs(amount) > LARGEST:
        raise BadAmount("amount_too_large")
    return amount


def shared_out(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` over the weights by largest remainder, ties by position; nothing where all weights are 0."""
    whole = sum(weights)
    if whole <= 0 or amount == 0:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % whole), at))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts
