"""Numbers in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), read strictly."""

from __future__ import annotations

import re

from notion_sync_core.plugins.listener import Exposition
from notion_sync_core.testing.examine import NotApplicable

_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\.)*)"(?:,|$)')
_TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
_COUNTERS = ("_total", "_count", "_bucket", "_sum")


class Labels(dict[str, str]):
    """The labels of a sample; equal ones are one key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


Samples = dict[tuple[str, Labels], float]


def samples_of(told: Exposition | None) -> Samples:
    """The samples of an exposition, without those of the process itself.

    :raises AssertionError: it is not in the format that it says.
    :raises NotApplicable: it says another one.
    """
    assert told is not None, "it tells nothing"
    if "version=0.0.4" not in told.content_type:
        raise NotApplicable(f"it tells {told.content_type}, not Prometheus' text format")
    return parsed(told.body)


def parsed(body: bytes) -> Samples:
    """The samples of a text.

    :raises AssertionError: a line is neither a sample nor a comment, or something is told twice.
    """
    found: Samples = {}
    types: dict[str, str] = {}
    for line in body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ", 3)
            assert name not in types, f"the type of {name} is told twice"
            assert kind in _TYPES, f"{name} has the type {kind!r}, which there is not"
            types[name] = kind
        if line.startswith("#") or not line:
            continue
        match = _SAMPLE.fullmatch(line)
        assert match is not None, f"no sample: {line[:80]!r}"
        labels = Labels(_LABEL.findall(match[2] or ""))
        told = ",".join(f'{key}="{value}"' for key, value in labels.items())
        assert told == (match[2] or "").rstrip(","), f"no labels: {line[:80]!r}"
        base = next((name for end in ("", *_COUNTERS) if (name := match[1].removesuffix(end)) in types), "")
        assert base, f"{match[1]} has no type"
        if not match[1].startswith(("process_", "python_")):
            assert (match[1], labels) not in found, f"{match[1]} is told twice with the same labels"
            found[match[1], labels] = float(match[3])
    return found


def is_counter(name: str) -> bool:
    """Whether a sample only grows."""
    return name.endswith(_COUNTERS)
