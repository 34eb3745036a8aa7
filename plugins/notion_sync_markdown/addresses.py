"""Bare addresses in text: where each begins and ends, so that no reader has to guess.

GitHub's extension of Markdown ends a bare address at the next white space only, so it takes markup of ours that stands
behind one for a part of it. What counts as white space differs between the languages that readers are written in.
https://github.github.com/gfm/#autolinks-extension-
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

_BARE = re.compile(r"(?i)(?<!\w)(?:(?:https?|ftp)://|www\.)[\w\-./:?=+,;@&#%~!$'()*]+")
_COMPLETE = re.compile(r"(?i)(?:(?:https?|ftp)://|www\.)\w")
_START = re.compile(r"(?i)(?<=[a-z])(:)(?=//)|(?<=www)\.")
_NEEDS_HOST = re.compile(r"(?i)(?:https?|ftp):|(?:notion|mailto|tel)://")
_HOST = re.compile(r"(?i)(?:https?|ftp|notion)://([\w-]+(?:\.[\w-]+)*)\.?(?::(\d{0,5}))?(?=\Z|[/?#])")
_LAST_PORT = 65_535
_BEHIND = frozenset("?!.,:;*_~'&#%$")
"""Punctuation at the end of an address belongs to the sentence around it."""


def are_in(raw: str) -> bool:
    """Whether there may be one: cheap, since every text is asked."""
    return "://" in raw or ("." in raw and "www." in raw.lower())


def split(raw: str) -> Iterator[tuple[str, str]]:
    """The text cut into what stands before an address, and the address; the last may be ``""``."""
    done = 0
    for found in _BARE.finditer(raw):
        address = found[0][: _end(found[0])]
        if _COMPLETE.match(address):
            yield raw[done : found.start()], address
            done = found.start() + len(address)
    yield raw[done:], ""


def _end(found: str) -> int:
    """Where the address ends: before punctuation, and before brackets that were opened outside of it."""
    end, surplus = len(found), found.count(")") - found.count("(")
    while end and (found[end - 1] in _BEHIND or (found[end - 1] == ")" and surplus > 0)):
        end -= 1
        surplus -= found[end] == ")"
    return end


def full(address: str) -> str:
    """The address with a scheme."""
    return address if "://" in address else f"http://{address}"


def is_parsable(url: str) -> bool:
    """Whether every parser of URLs takes it, that of browsers included: https://url.spec.whatwg.org/#host-parsing"""
    found = _HOST.match(url)
    if not found:
        return not _NEEDS_HOST.match(url)
    host, port = found[1], found[2]
    try:
        if host.rpartition(".")[2][0].isdecimal():
            IPv4Address(host)
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return False
    return int(port or 0) <= _LAST_PORT and (host != ascii_host or "xn--" not in host.lower())


def broken(escaped: str, gap: str = "") -> str:
    """Escaped text in which no reader finds an address.

    :param gap: what keeps two parts of a text apart, for readers who look for addresses in what they have read.
    """
    if gap:
        return _START.sub(lambda found: f":{gap}" if found[1] else f"{gap}.", escaped)
    return _START.sub(lambda found: "&#58;" if found[1] else "&#46;", escaped)
