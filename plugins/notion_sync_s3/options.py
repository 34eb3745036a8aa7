"""What values options may have; the check says what is expected."""

from __future__ import annotations

from typing import Any

from attrs import Attribute


def readable_class(_: object, _attribute: Attribute[Any], value: str) -> None:
    """A storage class whose objects can be read back: files edited by hand are found by reading."""
    if value in ("GLACIER", "DEEP_ARCHIVE"):
        raise ValueError("a class whose objects can be read at once, such as STANDARD_IA or GLACIER_IR")
