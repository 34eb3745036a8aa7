"""YAML that every reader takes for the same values, whichever version of YAML it follows."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from notion_sync_core.plugin import Moment, properties

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# What PyYAML leaves bare but YAML 1.2 (or a strict 1.1) reads as a number or a boolean.
_AMBIGUOUS = re.compile(r"[-+.]?\d|[yYnN]\Z")
# Line breaks of YAML 1.1, of which 1.2 knows the first alone: within double quotes they are written by name.
_BREAKS = re.compile("[\n\x85\u2028\u2029]")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
_WIDE = 1 << 20
# libyaml writes emoji as numbers: while it works, characters for private use stand for them.
_PRIVATE = "\ue000-\uf8ff"
_NOT_WRITTEN = re.compile(f"[{_PRIVATE}\U00010000-\U0010ffff]")
_STAND_IN = re.compile(f"[{_PRIVATE}]")
_FIRST, _MOST = 0xE000, 0xF8FF - 0xE000


class _Dumper(_Base):  # type: ignore[misc]
    """Quotes what could be mistaken, and writes text of several lines on one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stand_ins: dict[str, str] = {}

    def stand_in(self, found: re.Match[str]) -> str:
        """A character that libyaml writes as it is."""
        if len(self.stand_ins) >= _MOST:
            return "\ufffd"
        return self.stand_ins.setdefault(found[0], chr(_FIRST + len(self.stand_ins)))

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written by reference."""
        return True


def _text(dumper: Any, data: str) -> Any:
    if not data.isascii():
        data = _NOT_WRITTEN.sub(dumper.stand_in, data)
    style = '"' if _BREAKS.search(data) else "'" if _AMBIGUOUS.match(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style)


def _moment(dumper: Any, data: Moment) -> Any:
    text = str(data)
    if is_stamp(text):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)
    return _text(dumper, text)


def _file(dumper: Any, data: properties.File) -> Any:
    if not data.name:
        return _text(dumper, data.address)
    return dumper.represent_dict({"name": data.name, "file": data.address}.items())


_Dumper.add_representer(str, _text)
_Dumper.add_representer(properties.File, _file)
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
    stream = io.StringIO()
    dumper = _Dumper(stream, allow_unicode=True, sort_keys=False, width=_WIDE, default_flow_style=False)
    try:
        dumper.open()
        dumper.represent(data)
        dumper.close()
    finally:
        dumper.dispose()
    if not dumper.stand_ins:
        return stream.getvalue()
    meant = {mark: char for char, mark in dumper.stand_ins.items()}
    return _STAND_IN.sub(lambda found: meant[found[0]], stream.getvalue())


def _encodable(data: Any) -> Any:
    """The same without halves of surrogate pairs."""
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()
    if isinstance(data, properties.File):
        return properties.File(_encodable(data.address), _encodable(data.name))
    if isinstance(data, Mapping):
        return {_encodable(key): _encodable(value) for key, value in data.items()}
    return [_encodable(item) for item in data] if isinstance(data, list) else data
