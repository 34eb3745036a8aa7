"""The way around: from one document to the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from markupsafe import Markup

from notion_sync_core.plugin import COUNTED, Branch, Document, Json, Site, Target, objects, properties_of
from notion_sync_html.icons import sign
from notion_sync_html.markup import EMPTY, element, join, line, path_address, web_address


@frozen
class Step:
    """One link of a navigation."""

    title: str
    href: str | None
    kind: str
    """``page`` or ``database``."""
    is_here: bool = False
    sign: Markup = EMPTY
    """The icon, if there is one to show."""

    @property
    def link(self) -> Markup:
        """The whole link: a page has dozens, and a template would be slow at them."""
        here = "page" if self.is_here else None
        return element("a", element("bdi", self.title), href=self.href, class_=self.kind, aria_current=here)

    @property
    def signed_link(self) -> Markup:
        """The same with the icon before it, or with a sign for a page or a database."""
        here = "page" if self.is_here else None
        kind = self.kind if self.sign else f"{self.kind} plain"
        return element("a", self.sign + element("bdi", self.title), href=self.href, class_=kind, aria_current=here)


def of(document: Document, site: Site, all_pages: str) -> dict[str, Any]:
    """Ancestors, siblings and children of a document, what stands before and after it, and what leads to it.

    :param all_pages: the way to the tree of all documents.
    """
    here = document.ref.id
    branches = site.branches()
    trail = [_step(target, here, site) for target in site.trail()]
    beside, inside = ([_step(target, here, site) for target in branch.targets] for branch in branches[-2:])
    at = next((index for index, step in enumerate(beside) if step.is_here), None)
    linked = _without_relations(site.backlinks(), document.raw)
    return {
        "trail": trail,
        "tree": _tree(branches, site, here, all_pages),
        "siblings": beside,
        "children": inside,
        "previous": beside[at - 1] if at else None,
        "next": beside[at + 1] if at is not None and at + 1 < len(beside) else None,
        "backlinks": [_step(target, here, site) for target in linked.targets],
        "more_backlinks": _more(linked),
    }


def _step(target: Target, here: str, site: Site) -> Step:
    kind = "page" if target.kind == "page" else "database"
    title = line(target.title) or "Untitled"
    return Step(title, _address(target), kind, target.id == here, sign({"icon": target.icon}, site))


def _address(target: Target) -> str | None:
    return path_address(target.href) if target.href is not None else web_address(target.url)


def _tree(branches: Sequence[Branch], site: Site, here: str, all_pages: str) -> Markup:
    """The tree along the way to this document, a list in a list."""
    way = [*site.trail(), None]
    html = EMPTY
    for depth in reversed(range(len(branches))):
        targets = branches[depth].targets
        open_one = way[depth] if depth < len(way) else None
        if open_one is not None and all(target.id != open_one.id for target in targets):
            targets = [*targets, open_one]  # it has no file of its own
        above = way[depth - 1] if 0 < depth <= len(way) else None
        rest = (_address(above) if above else "#content") if depth else all_pages
        html = _list(targets, open_one.id if open_one else here, html, _rest(branches[depth], rest), site, here)
    return html


def _list(targets: Sequence[Target], open_id: str, inner: Markup, rest: Markup, site: Site, here: str) -> Markup:
    items = []
    for target in targets:
        is_open = target.id == open_id
        items.append(element("li", _step(target, here, site).signed_link + (inner if is_open else EMPTY)) + "\n")
        inner = EMPTY if is_open else inner
    if not items and inner:
        return inner
    last = element("li", rest, class_="more") + "\n" if rest else EMPTY
    return element("ul", "\n" + join(items) + _left_over(inner) + last) + "\n" if items or last else EMPTY


def _left_over(inner: Markup) -> Markup:
    """What is inside a document that is not in its own list stands at the list's end."""
    return element("li", inner) + "\n" if inner else EMPTY


def _rest(branch: Branch, href: str | None) -> Markup:
    more = _more(branch)
    return element("a", more, href=href) if more else EMPTY


def _more(branch: Branch) -> str:
    """How many are not shown, as far as that is known."""
    return f"{branch.more}{'+' if branch.more >= COUNTED else ''} more" if branch.more else ""


def _without_relations(found: Branch, raw: Json) -> Branch:
    """What leads here, but for what the document's own relations show beside its title: relations go both ways."""
    own = {
        str(item.get("id"))
        for prop in properties_of(raw).values()
        if prop.get("type") == "relation"
        for item in objects(prop.get("relation"))
    }
    return Branch([target for target in found.targets if target.id not in own], found.more)
