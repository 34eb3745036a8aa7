"""YAML that every reader takes for the same values, whichever version of YAML it follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from notion_sync_core.content.properties import Moment

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# What PyYAML leaves bare but YAML 1.2 (or a strict 1.1) reads as a number or a boolean.
_AMBIGUOUS = re.compile(r"[-+.]?\d|[yYnN]\Z")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
_WIDE = 1 << 20


class _Dumper(_Base):  # type: ignore[misc]
    """Quotes what could be mistaken, and writes text of several lines on one."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written by reference."""
        return True


def _text(dumper: Any, data: str) -> Any:
    style = '"' if "\n" in data else "'" if _AMBIGUOUS.match(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style)


def _moment(dumper: Any, data: Moment) -> Any:
    text = str(data)
    if is_stamp(text):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)
    return _text(dumper, text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Moment, _moment)


def is_stamp(text: str) -> bool:
    """Whether YAML can hold this as a date or a time."""
    if not _STAMP.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def dump(data: Mapping[str, Any]) -> str:
    """A mapping in its own order."""
    try:
        return _dumped(data)
    except UnicodeEncodeError:
        return _dumped(_encodable(data))


def _dumped(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDE)
    return text


def _encodable(data: Any) -> Any:
    """The same without halves of surrogate pairs."""
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()
    if isinstance(data, Mapping):
        return {_encodable(key): _encodable(value) for key, value in data.items()}
    return [_encodable(item) for item in data] if isinstance(data, list) else data
