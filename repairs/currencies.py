"""Names and signs of currencies. A sign that several countries use stands for none of them."""

from contracts.money import EXPONENTS

_SIGNS: dict[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₫": "VND", "₱": "PHP",
    "฿": "THB", "₦": "NGN", "₸": "KZT", "zł": "PLN", "kč": "CZK", "ft": "HUF", "r$": "BRL", "us$": "USD", "a$": "AUD",
    "au$": "AUD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "mx$": "MXN", "sfr": "CHF",
}  # fmt: skip
_NAMES: dict[str, str] = {
    "euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "pound sterling": "GBP",
    "pounds sterling": "GBP", "british pound": "GBP", "british pounds": "GBP", "swiss franc": "CHF",
    "swiss francs": "CHF", "yen": "JPY", "japanese yen": "JPY", "rmb": "CNY", "yuan": "CNY", "renminbi": "CNY",
    "indian rupee": "INR", "indian rupees": "INR", "zloty": "PLN", "złoty": "PLN", "forint": "HUF", "hryvnia": "UAH",
    "swedish krona": "SEK", "norwegian krone": "NOK", "danish krone": "DKK", "czech koruna": "CZK",
    "canadian dollar": "CAD", "australian dollar": "AUD", "nis": "ILS",
}  # fmt: skip
_NUMBERS: dict[str, str] = {
    "978": "EUR", "840": "USD", "826": "GBP", "756": "CHF", "392": "JPY", "156": "CNY", "356": "INR", "752": "SEK",
    "578": "NOK", "208": "DKK", "985": "PLN", "203": "CZK", "124": "CAD", "036": "AUD",
}  # fmt: skip
"""ISO 4217's own numbers."""
_SHARED: dict[str, frozenset[str]] = {
    "$": frozenset(
        ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BSD", "BBD", "BMD", "BZD", "FJD")
    ),
    "¥": frozenset(("JPY", "CNY")),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "rs": frozenset(("INR", "PKR", "LKR", "NPR", "MUR", "SCR")),
    "₩": frozenset(("KRW", "KPW")),
    "£": frozenset(("GBP", "EGP", "GIP", "FKP", "SHP", "LBP", "SYP", "SSP", "SDG")),
    "fr": frozenset(("CHF", "XAF", "XOF", "XPF", "DJF", "GNF", "KMF", "RWF", "BIF", "CDF")),
}


def currency_of(text: str) -> str | None:
    """The code that a code, name or sign stands for; None where it is unknown or shared ("dollar", "kr")."""
    folded = _folded(text)
    if folded.upper() in EXPONENTS:
        return folded.upper()
    return _NAMES.get(folded) or _SIGNS.get(folded) or _NUMBERS.get(folded)


def may_mean(text: str, code: str) -> bool:
    """Whether a sign beside an amount fits the currency that the message names."""
    return code in _SHARED.get(_folded(text), ()) or currency_of(text) == code


def _folded(text: str) -> str:
    return " ".join(text.lower().strip(" .\u00a0").split())
