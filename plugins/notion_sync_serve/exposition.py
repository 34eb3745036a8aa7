"""Metrics of several jobs as one text: each job has a listener of its own that counts."""

from __future__ import annotations

from collections.abc import Iterable

_ABOUT = ("# HELP ", "# TYPE ", "# UNIT ")
_PARTS = ("_total", "_created", "_bucket", "_sum", "_count", "_info")


def joined(texts: Iterable[str]) -> str:
    """Expositions as one: each metric's lines together, what is said twice once.

    What several say of the whole process (its memory, its build) is taken from the first.
    """
    families: dict[str, dict[str, str]] = {}
    for text in texts:
        name = ""
        for line in text.splitlines():
            if line.startswith(_ABOUT):
                name = line.split(" ", 3)[2]
                families.setdefault(name, {}).setdefault(" ".join(line.split(" ", 3)[:3]), line)
            elif line and not line.startswith("#"):
                series = line.rpartition("}")[0] or line.split(" ", 1)[0]
                own = name if _belongs(series, name) else series.partition("{")[0]
                families.setdefault(own, {}).setdefault(series, line)
    lines = [line for family in families.values() for line in family.values()]
    return "".join(f"{line}\n" for line in lines)


def _belongs(series: str, family: str) -> bool:
    metric = series.partition("{")[0]
    return bool(family) and (metric == family or any(metric == family + part for part in _PARTS))
