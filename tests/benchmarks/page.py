"""The part of docs/benchmarks.md that was measured."""

from __future__ import annotations

from collections.abc import Iterable

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
_MEASURED = """
{table}

CPU seconds for a thousand pages, by stage (*start*: until the first request; *write*: lay out, render and write):

{stages}

{lines}

"""


def renewed(page: str, table: Iterable[str], stages: Iterable[str], lines: Iterable[str]) -> str:
    """The page with what was measured now; all else that it says stays."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert begin and end, "the page has no place for what is measured"
    text = _MEASURED.format(
        table="\n".join(table), stages="\n".join(stages), lines="\n".join(f"- {line}" for line in lines)
    )
    return f"{head}{BEGIN}{text}{END}{tail}"
