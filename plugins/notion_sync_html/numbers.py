"""Numbers as their column shows them. https://developers.notion.com/reference/property-object#number"""

from __future__ import annotations

import math

_SYMBOLS = {
    "dollar": "$",
    "australian_dollar": "A$",
    "canadian_dollar": "CA$",
    "singapore_dollar": "SGD ",
    "hong_kong_dollar": "HK$",
    "new_zealand_dollar": "NZ$",
    "new_taiwan_dollar": "NT$",
    "euro": "€",
    "pound": "£",
    "yen": "¥",
    "ruble": "RUB ",
    "rupee": "₹",
    "won": "₩",
    "yuan": "CN¥",
    "real": "R$",
    "lira": "TRY ",
    "rupiah": "IDR ",
    "franc": "CHF ",
    "krona": "SEK ",
    "norwegian_krone": "NOK ",
    "danish_krone": "DKK ",
    "mexican_peso": "MX$",
    "chilean_peso": "CLP ",
    "colombian_peso": "COP ",
    "argentine_peso": "ARS ",
    "uruguayan_peso": "UYU ",
    "philippine_peso": "₱",
    "rand": "ZAR ",
    "zloty": "PLN ",
    "baht": "THB ",
    "forint": "HUF ",
    "koruna": "CZK ",
    "shekel": "₪",
    "dirham": "AED ",
    "riyal": "SAR ",
    "ringgit": "MYR ",
    "leu": "RON ",
}


def formatted(number: float, style: str) -> str:
    """The number as people see it; one of an unknown format as it is."""
    if not math.isfinite(number):
        return str(number)
    if style == "percent":
        return f"{_trimmed(number * 100)}%"
    if style == "number_with_commas":
        return _grouped(number)
    symbol = _SYMBOLS.get(style)
    if symbol is None:
        return str(number)
    sign = "-" if number < 0 else ""
    return f"{sign}{symbol}{_grouped(abs(number))}"


def _trimmed(number: float) -> str:
    """Without what binary fractions add: 28.000000000000004 is 28."""
    return f"{number:.12g}"


def _grouped(number: float) -> str:
    whole, _, rest = str(number).partition(".")
    if not whole.lstrip("-").isdigit() or (rest and not rest.isdigit()):
        return str(number)
    return f"{int(whole):,}" + (f".{rest}" if rest and rest != "0" else "")
