"""What values options may have; each check says what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import Attribute

Check = Callable[[object, "Attribute[Any]", Any], None]


def one_of(*values: str) -> Check:
    """One of these texts."""

    def check(_: object, _attribute: Attribute[Any], value: str) -> None:
        if value not in values:
            raise ValueError("one of " + ", ".join(map(repr, values)))

    return check


def at_least(least: float) -> Check:
    """A number not below this one."""

    def check(_: object, _attribute: Attribute[Any], value: float) -> None:
        if value < least:
            raise ValueError(f"a number of at least {least}")

    return check


def above(bound: float) -> Check:
    """A number above this one."""

    def check(_: object, _attribute: Attribute[Any], value: float) -> None:
        if value <= bound:
            raise ValueError(f"a number above {bound}")

    return check


def readable_class(_: object, _attribute: Attribute[Any], value: str) -> None:
    """A storage class whose objects can be read back: files edited by hand are found by reading."""
    if value in ("GLACIER", "DEEP_ARCHIVE"):
        raise ValueError("a class whose objects can be read at once, such as STANDARD_IA or GLACIER_IR")
