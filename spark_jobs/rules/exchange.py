"""Exchange of whole minor units, and the spreading of an amount over parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from contracts.money import exponent

RATE_DAYS_BACK = 7


def round_half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class Rates:
    """Rates into one currency: (base currency, day) to quote units for one base unit."""

    quote: str
    by_base_and_day: Mapping[tuple[str, date], Decimal] = field(default_factory=dict)

    def on(self, base: str, day: date) -> Decimal | None:
        """The day's rate, else the last one at most 7 days back, else None."""
        if base == self.quote:
            return Decimal(1)
        for back in range(RATE_DAYS_BACK + 1):
            rate = self.by_base_and_day.get((base, day - timedelta(days=back)))
            if rate is not None:
                return rate
        return None


def converted(amount_minor: int, base: str, quote: str, rate: Decimal) -> int:
    """Minor units of `quote`, rounded half-up once."""
    if base == quote:
        return amount_minor
    return round_half_up(Decimal(amount_minor) * rate * Decimal(10) ** (exponent(quote) - exponent(base)))


def rescaled(amount_minor: int, written_in: str, currency: str) -> int:
    """The same figure read as an amount of `currency` (1250 of EUR, "12.50", is 13 of JPY)."""
    shift = exponent(currency) - exponent(written_in)
    return amount_minor if shift == 0 else round_half_up(Decimal(amount_minor).scaleb(shift))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` over the parts by weight: largest remainder, ties by position; all zero where no weight is above zero."""
    total = sum(weights)
    if total <= 0:
        return [0] * len(weights)
    floors = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    missing = amount - sum(floors)
    for place in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        floors[place] += 1
    return floors
