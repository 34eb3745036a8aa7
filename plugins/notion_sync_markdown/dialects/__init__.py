"""How each reader of Markdown wants to be written for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from notion_sync_markdown.dialects.base import Dialect


class _Dialects(Mapping[str, type[Dialect]]):
    """Dialects by name, each imported when it is asked for: a job has one."""

    _homes: Mapping[str, str] = {
        "gfm": "base.Dialect",
        "obsidian": "obsidian.Obsidian",
        "docusaurus": "docusaurus.Docusaurus",
        "mkdocs": "mkdocs.MkDocs",
        "hugo": "hugo.Hugo",
        "jekyll": "jekyll.Jekyll",
    }

    def __getitem__(self, name: str) -> type[Dialect]:
        module, _, kind = self._homes[name].partition(".")
        found: type[Dialect] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


DIALECTS: Mapping[str, type[Dialect]] = _Dialects()

__all__ = ["DIALECTS", "Dialect"]
