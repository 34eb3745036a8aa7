"""Writes the list of all checks into docs/testing-plugins.md: ``python tests/kit/checks_page.py``."""

from __future__ import annotations

import re
from pathlib import Path

from notion_sync_core.testing.examine import DECLARED, KINDS, paper

PAGE = Path(__file__).parents[2] / "docs" / "testing-plugins.md"
_BEGIN, _END = "<!-- checks: begin -->", "<!-- checks: end -->"
_ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")


def listing() -> str:
    """Every check of every kind with its reason, and every feature."""
    lines: list[str] = []
    for kind in KINDS:
        asked = paper(kind)
        lines += [f"### {kind.capitalize()}", "", "| feature | what it is |", "| --- | --- |"]
        lines += [f"| `{feature.name}` | {_plain(feature.doc)} |" for feature in asked.features.values()]
        lines += ["", f"{len(asked.checks) + 1} checks:", ""]
        lines += [f"- `{DECLARED}`: what a plugin can do is declared, and what is declared is there."]
        for check in asked.checks.values():
            only = f" *(feature `{check.feature}`)*" if check.feature else ""
            lines.append(f"- `{check.name}`{only}: {_plain(check.reason)}")
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return _ROLE.sub(r"`\1`", " ".join(text.split())).replace("``", "`").replace("|", "\\|")


def renewed(text: str) -> str:
    """The page with the list of today."""
    head, _, rest = text.partition(_BEGIN)
    return f"{head}{_BEGIN}\n\n{listing()}\n{_END}{rest.partition(_END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
