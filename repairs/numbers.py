"""Numbers as people write them.

One separator before exactly three digits is not decided: "1,234" is twelve hundred in London and one and a quarter in
Berlin. Everything else that is accepted here can be read in one way only.
"""

import re
import unicodedata

PLAIN = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
"""What the jobs read (spark_jobs/rules/amounts.py)."""

_GAPS = " \u00a0\u2007\u2009\u202f'\u2019"
_FORMS = (
    # 1 234,50 or 1'234.50: gaps are always thousands
    (rf"[1-9][0-9]{{0,2}}(?:([{_GAPS}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:[.,][0-9]{{1,9}})?", ","),
    # 1,234.50 and 1,234,567
    (r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,9}", "."),
    (r"[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}", "."),
    # 1.234,50 and 1.234.567
    (r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]{1,9}", ","),
    (r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}", ","),
    # 12,34,567.50: lakhs
    (r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]{1,9})?", "."),
    # 12,5 and 12,50 and 1234,567: no thousands stand so
    (r"[0-9]+,(?:[0-9]{1,2}|[0-9]{4,9})", ","),
    (r"(?:0|[0-9]{4,20}),[0-9]{3}", ","),
)
_SHAPES = tuple((re.compile(pattern), decimal) for pattern, decimal in _FORMS)
_NO_CENTS = re.compile(r"[.,](?:-{1,2}|\u2013|\u2014)$")
_WHOLE = re.compile(r"[0-9]{1,20}|[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")


def plain_number(text: str) -> str | None:
    """The number as a plain one (`-1234.50`), None where it is none, or could be two."""
    ascii_text = "".join(_ascii_digit(sign) for sign in text).strip().replace("\u2212", "-")
    if PLAIN.fullmatch(ascii_text):
        return ascii_text
    sign = ascii_text[:1] if ascii_text[:1] in ("+", "-") else ""
    digits = ascii_text[len(sign) :].strip()
    number = _without_cents(digits) or _separated(digits)
    return None if number is None else sign + number


def _ascii_digit(sign: str) -> str:
    return str(unicodedata.decimal(sign, sign))


def _without_cents(digits: str) -> str | None:
    """`12.-` and `1.234,-`: the dash says that there are no cents, so what is before it are thousands."""
    whole = _NO_CENTS.sub("", digits)
    return re.sub("[.,]", "", whole) if whole != digits and _WHOLE.fullmatch(whole) else None


def _separated(digits: str) -> str | None:
    for shape, decimal in _SHAPES:
        if shape.fullmatch(digits):
            compact = re.sub(f"[{_GAPS}]", "", digits)
            if compact != digits:
                return compact.replace(",", ".")
            return compact.replace("," if decimal == "." else ".", "").replace(",", ".")
    return None
