"""A secret as an option of a plugin: what the configuration says is where it is, never what it is."""

from __future__ import annotations

import re
from typing import Self

IN_FILE = "file:"
"""How a reference to a secret in a file begins."""
SECRET_KEYS = frozenset({"token", "password", "secret", "api_key", "secret_key"})
"""Keys that hold a secret, whatever their type: no file may."""
_REFERENCE = re.compile(r"(env|file|keyring):(.*\S)", re.S)


class Secret:
    """A password or key that a plugin wants: its value is shown, logged, compared and stored nowhere.

    Made by the core from a reference in the configuration. Where it is shown it shows that reference.

    :param reference: ``env:NAME``, ``file:PATH`` or ``keyring:NAME``.
    :param value: the secret itself.
    """

    __slots__ = ("_value", "reference")

    def __init__(self, reference: str, value: str) -> None:
        self.reference = reference
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for whom it is meant and nobody else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> str:
        """Whoever stores objects stores no secret.

        :raises TypeError: always.
        """
        raise TypeError("a secret cannot be stored or sent; its reference can")


def is_reference(value: object) -> bool:
    """Whether an option says where a secret is."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def taken_apart(reference: str) -> tuple[str, str]:
    """Kind and name of a reference.

    :raises ValueError: it is none; the message does not show it.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError("no reference")
    return found[1], found[2]
