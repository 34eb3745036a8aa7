"""The way around: from one document to the others."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from markupsafe import Markup

from notion_sync_core.plugin import Document, Site, Target
from notion_sync_html.markup import element, line, path_address, web_address


@frozen
class Step:
    """One link of a navigation."""

    title: str
    href: str | None
    kind: str
    """``page`` or ``database``."""
    is_here: bool = False

    @property
    def link(self) -> Markup:
        """The whole link: a page has dozens, and a template would be slow at them."""
        here = "page" if self.is_here else None
        return element("a", self.title, href=self.href, class_=self.kind, aria_current=here)


def of(document: Document, site: Site) -> dict[str, Any]:
    """Ancestors, siblings and children of a document, and what stands before and after it."""
    here = document.ref.id
    trail = site.trail()
    beside = [_step(target, here) for target in site.siblings()]
    at = next((index for index, step in enumerate(beside) if step.is_here), None)
    return {
        "trail": [_step(target, here) for target in trail],
        "siblings": beside,
        "children": [_step(target, here) for target in site.inside()],
        "previous": beside[at - 1] if at else None,
        "next": beside[at + 1] if at is not None and at + 1 < len(beside) else None,
    }


def _step(target: Target, here: str) -> Step:
    href = path_address(target.href) if target.href is not None else web_address(target.url)
    kind = "page" if target.kind == "page" else "database"
    return Step(line(target.title) or "Untitled", href, kind, target.id == here)
