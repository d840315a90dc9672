"""Numbers, money, dates and times in the reader's locale."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

from contracts.money import exponent
from contracts.zones import zone

FALLBACK = "en_GB"
SHORT_FROM_MAJOR = 1_000


def known_locale(name: str | None) -> str:
    """The locale's identifier, or English (Great Britain) for a name that Babel does not know."""
    try:
        return str(Locale.parse((name or FALLBACK).replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return FALLBACK


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats of one reader (`locale`) looking at one shop (`zone`, `currency`)."""

    locale: str
    zone: str
    currency: str

    def count(self, number: int) -> str:
        return format_decimal(number, locale=self.locale)

    def estimate(self, number: int) -> str:
        """≈ and three digits."""
        return f"≈ {self.count(three_digits(number))}"

    def units(self, milli: int) -> str:
        """Quantities, which are kept in thousandths."""
        return format_decimal(Decimal(milli) / 1000, locale=self.locale)

    def money(self, minor: int, currency: str | None = None) -> str:
        """The exact amount."""
        code = currency or self.currency
        return _signed(format_currency(_major(minor, code), code, locale=self.locale))

    def short_money(self, minor: int, currency: str | None = None) -> str:
        """Without minor units from 1,000 on: no more digits than mean something."""
        code = currency or self.currency
        major = _major(minor, code)
        if abs(major) < SHORT_FROM_MAJOR:
            return self.money(minor, code)
        whole = major.quantize(Decimal(1), ROUND_HALF_UP)
        return self._whole_money(whole, code)

    def axis_money(self, minor: int) -> str:
        """The label of a tick: compact from 1,000 on."""
        major = _major(minor, self.currency)
        if abs(major) < SHORT_FROM_MAJOR:
            return self._whole_money(major, self.currency)
        digits = _tick_digits(major)
        return _signed(format_compact_currency(major, self.currency, locale=self.locale, fraction_digits=digits))

    def _whole_money(self, major: Decimal, code: str) -> str:
        pattern = Locale.parse(self.locale).currency_formats["standard"].pattern.replace(".00", "")
        return _signed(format_currency(major, code, pattern, locale=self.locale, currency_digits=False))

    def axis_count(self, number: int) -> str:
        if number >= SHORT_FROM_MAJOR:
            return format_compact_decimal(number, locale=self.locale, fraction_digits=_tick_digits(Decimal(number)))
        return self.count(number)

    def percent(self, part: Decimal) -> str:
        """The size of a share, such as 0.123, in whole percent; below 1% with one digit."""
        size = abs(part) * 100
        value = size.quantize(Decimal("0.1" if size < 1 else "1"), ROUND_HALF_UP)
        if size and not value:
            return f"< {format_decimal(Decimal('0.1'), locale=self.locale)}%"
        return f"{format_decimal(value, locale=self.locale)}%"

    def day(self, day: date, with_year: bool = False) -> str:
        text = format_date(day, "d MMM y" if with_year else "d MMM", locale=self._english)
        return text

    def weekday(self, day: date) -> str:
        return format_date(day, "EEE d MMM", locale=self._english)

    def days(self, first: date, last: date, today: date) -> str:
        """`27 Oct – 23 Nov`, with years where they are not all this year's."""
        with_year = first.year != today.year or last.year != today.year
        if first == last:
            return f"{format_date(first, 'EEE', locale=self._english)} {self.day(first, with_year)}"
        return f"{self.day(first, with_year)} – {self.day(last, with_year)}"

    def clock(self, instant: datetime, with_seconds: bool = False) -> str:
        form = "HH:mm:ss" if with_seconds else "HH:mm"
        return format_time(instant.astimezone(zone(self.zone)), form, locale=self._english)

    def moment(self, instant: datetime, with_seconds: bool = False) -> str:
        """`24 Nov, 14:32` on the shop's clock."""
        local = instant.astimezone(zone(self.zone))
        return f"{self.day(local.date())}, {self.clock(instant, with_seconds)}"

    @property
    def _english(self) -> str:
        """The pages' words are English, so are the names of months and days."""
        return self.locale if self.locale.startswith("en") else FALLBACK


def formats_without_shop(locale: str | None, zone: str = "UTC") -> Formats:
    """For words and times of the platform, which has no currency."""
    return Formats(known_locale(locale), zone, "XXX")


def three_digits(number: int) -> int:
    """Rounded half-up to three significant digits."""
    size = len(str(abs(number))) - 3
    if size <= 0:
        return number
    return int(Decimal(number).scaleb(-size).quantize(Decimal(1), ROUND_HALF_UP).scaleb(size))


def _signed(text: str) -> str:
    """With a minus sign, not a hyphen."""
    return text.replace("-", "−")


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def _tick_digits(major: Decimal) -> int:
    """One digit for 1.5k, none for 2k."""
    scale = 6 if abs(major) >= 1_000_000 else 3
    scaled = major.scaleb(-scale)
    return 0 if scaled == scaled.to_integral_value() else 1 if scaled * 10 == (scaled * 10).to_integral_value() else 2
