"""Where renderers are examined: documents on a shelf, and somebody who sees what a renderer must not do."""

from __future__ import annotations

import builtins
import contextlib
import datetime
import html
import io
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote

from attrs import frozen

from notion_sync_core.content.walk import Step, walk
from notion_sync_core.document import Document, Site
from notion_sync_core.model import Artifact, Json, plain_text
from notion_sync_core.plugins.hookspecs import hookimpl
from notion_sync_core.testing.build import block, rich
from notion_sync_core.testing.drafts import Draft, document
from notion_sync_core.testing.examine import Feature, Given, Make, NotApplicable, Paper, built
from notion_sync_core.testing.shelf import Rendered, Shelf

HTML_TYPES = ("text/html", "application/xhtml+xml", "image/svg+xml")
"""Media types of what a browser runs."""


class RendererBench:
    """Renderers and the shelves that hold documents for them."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        self.golden = Given.of(make).golden
        self._make = make
        self._shelves: list[Shelf] = []

    def plugin(self) -> Any:
        """One more instance."""
        return built("renderers", self._make, self.folder).plugin

    def implements(self, hook: str) -> bool:
        """Whether the renderer has a hook."""
        return built("renderers", self._make, self.folder).hooks.implements(hook)

    def shelf(self, *drafts: Draft) -> Shelf:
        """A shelf with these documents.

        :raises NotApplicable: the plugin renders single blocks only.
        """
        if not self.implements("render_document"):
            raise NotApplicable("it makes no documents")
        shelf = Shelf(self.folder / f"shelf{len(self._shelves)}", drafts)
        self._shelves.append(shelf)
        return shelf

    def render(self, *drafts: Draft, plugin: object = None, beside: tuple[object, ...] = ()) -> Rendered:
        """What becomes of the first of these documents, rendered among them.

        :raises AssertionError: it fails.
        """
        made = self.shelf(*drafts).render(plugin or self.plugin(), drafts[0].id, *beside)
        assert not made.error, f"it fails at {drafts[0].ref.title!r:.60}: {made.error}"
        return made

    def close(self) -> None:
        """Give the shelves back."""
        for shelf in self._shelves:
            shelf.close()


@frozen(eq=False)
class Host:
    """A renderer that does nothing but ask plugins for single blocks."""

    format: str = "html"
    suffix: str = ".host"
    alone: bool = False
    """Shows what plugins made, and nothing else."""

    @hookimpl
    def render_document(self, document: Document, site: Site) -> list[Artifact]:
        """See the hook."""
        made = []
        for step, each in walk(document, site.warn):
            if step is not Step.CLOSE:
                claimed = site.render_block(each, "[inside]")
                if claimed is not None:
                    made.append(claimed)
                elif not self.alone:
                    made.append(html.escape(plain_text(each.rich_text)))
        return [Artifact(site.path(self.suffix), ["\n\n".join(made).encode()], "text/plain")]


def words(made: Rendered) -> str:
    """What stands in a renderer's files, whatever its format hides by escapes."""
    return unquote(html.unescape(made.text)).replace("\\", "")


def leads_to(made: Rendered, path: str) -> bool:
    """Whether a file links to another by its path from there."""
    here = next(iter(made.files), "")
    return os.path.relpath(path, Path(here).parent) in words(made)


# -- what a renderer must not do


@contextlib.contextmanager
def pure(what: list[str]) -> Iterator[None]:
    """Note what is done on this thread that makes a result depend on when and where it is made.

    :param what: takes the words for it.
    """

    def see(frame: Any, event: str, called: Any) -> None:
        owner = str(frame.f_globals.get("__name__", ""))
        if event == "c_call" and not owner.startswith(_OURS) and (seen := _impure(called)):
            what.append(f"{seen} (in {Path(frame.f_code.co_filename).name}, line {frame.f_lineno})")

    def opened(real: Callable[..., Any]) -> Callable[..., Any]:
        def watched(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if set(mode) & set("wax+") and not isinstance(file, int):
                what.append(f"it opens {file} to write")
            return real(file, mode, *more, **named)

        return watched

    before = sys.getprofile()
    with mock.patch.object(builtins, "open", opened(open)), mock.patch.object(io, "open", opened(io.open)):
        sys.setprofile(see)
        try:
            yield
        finally:
            sys.setprofile(before)


_OURS = ("notion_sync_core.", "diskcache.")
"""What reads documents from the mirror is none of a renderer's business."""
_CLOCKS = (time.time, time.time_ns)
_GLOBAL_RANDOM = getattr(random, "_inst", None)


def _impure(called: Any) -> str:
    if any(called is clock for clock in _CLOCKS):
        return "it asks for the time"
    owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    if isinstance(owner, type) and issubclass(owner, datetime.date) and name in ("now", "utcnow", "today"):
        return "it asks for the time"
    if called is os.urandom or (owner is not None and owner is _GLOBAL_RANDOM):
        return "it asks for something random"
    if isinstance(owner, socket.socket) and name in ("connect", "connect_ex", "sendto"):
        return "it uses the network"
    if called is getattr(socket, "getaddrinfo", None) or name == "getaddrinfo":
        return "it asks for an address in the network"
    return ""


# -- HTML


class Tags(HTMLParser):
    """The tags of a page that could run something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See the parser."""
        self._script = tag == "script"
        if tag == "zq":
            self.bad.append(f"a tag of the text: <{tag}>")
        for name, content in attrs:
            found = (content or "").strip().lower()
            scheme = "".join(found.split()).partition(":")[0]
            if "zq" in name or (name.startswith("on") and "zq" in found):
                self.bad.append(f'an attribute of the text: <{tag} {name}="{found:.40}">')
            if name in ("href", "src", "action", "formaction", "data", "xlink:href", "srcdoc") and (
                scheme in ("javascript", "vbscript") or found.startswith("data:text/html")
            ):
                self.bad.append(f'an address that runs: <{tag} {name}="{found:.40}">')

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        """See the parser."""
        self._script = self._script and tag != "script"

    def handle_data(self, data: str) -> None:
        """See the parser."""
        if self._script and "zq()" in data:
            self.bad.append(f"a script of the text: {data:.40}")


def runs_in_a_browser(made: Rendered) -> list[str]:
    """What of a document's text would run in a browser."""
    found = []
    for path, content in made.files.items():
        if made.media_types[path].partition(";")[0].strip() in HTML_TYPES:
            tags = Tags()
            tags.feed(content.decode(errors="replace"))
            tags.close()
            found += tags.bad
    return found


# -- in another process


def render_elsewhere(plugin: Any, *, answers: Any, drafts: list[Draft]) -> dict[str, bytes]:
    """In another process: all files of these documents."""
    del answers
    with tempfile.TemporaryDirectory() as folder, Shelf(Path(folder) / "shelf", drafts) as shelf:
        made = [shelf.render(plugin, draft.id) for draft in drafts]
        return {path: content for each in made for path, content in each.files.items()}


# -- features


def _shows_content(bench: RendererBench) -> bool:
    return bench.implements("render_document") and "zebra" in words(
        bench.render(document("Page", block("paragraph", "a zebra")))
    )


def comment(words: str) -> Json:
    """What somebody said about a page or a block, as the API gives it."""
    return {
        "object": "comment",
        "id": f"c0000000-0000-4000-8000-{len(words):012x}",
        "discussion_id": "d0000000-0000-4000-8000-000000000001",
        "created_time": "2026-01-02T03:04:00.000Z",
        "created_by": {"object": "user", "id": "a0000000-0000-4000-8000-000000000001"},
        "rich_text": rich(words),
    }


def _shows_comments(bench: RendererBench) -> bool:
    draft = document("Page", block("paragraph", "x"), comments={"": [comment("said a zebra")]})
    return bench.implements("render_document") and "said a zebra" in words(bench.render(draft))


def _links(bench: RendererBench) -> bool:
    if not bench.implements("render_document"):
        return False
    other = document("Elsewhere")
    link = {"type": "link_to_page", "link_to_page": {"type": "page_id", "page_id": other.id}}
    shelf = bench.shelf(page := document("Page", link, links=[other.id]), other)
    plugin = bench.plugin()
    return leads_to(shelf.render(plugin, page.id), f"Elsewhere{plugin.suffix}")


def _asks_for_blocks(bench: RendererBench) -> bool:
    made = bench.implements("render_document") and bench.render(document("Page", block("paragraph", "a zebra")))
    return bool(made and made.claims)


def _makes_site_files(bench: RendererBench) -> bool:
    if not bench.implements("render_site"):
        return False
    return bool(bench.shelf(document("Page")).render_site(bench.plugin()).files)


def _has_suffixes(bench: RendererBench) -> bool:
    plugin, source = bench.plugin(), document("Source").ref
    if getattr(plugin, "suffixes", ()):
        return True
    return bench.implements("render_suffixes") and bool(list(plugin.render_suffixes(sources=[source])))


PAPER = Paper(
    "renderers",
    RendererBench,
    [
        Feature("content", "its files show the text of documents", _shows_content),
        Feature("comments", "its files show comments", _shows_comments),
        Feature("links", "its files link to each other", _links),
        Feature("asks", "it asks plugins for single blocks", _asks_for_blocks),
        Feature("blocks", "it takes over single blocks of others", lambda bench: bench.implements("render_block")),
        Feature("site", "it makes files about all documents", _makes_site_files),
        Feature(
            "neighbours",
            "its files show what stands around a document",
            lambda bench: bool(getattr(bench.plugin(), "shows_neighbours", False)),
        ),
        Feature(
            "sections",
            "a document with others inside has a name of its own",
            lambda bench: bool(getattr(bench.plugin(), "sections", "")),
        ),
        Feature("suffixes", "it makes more files than one of a document", _has_suffixes),
    ],
)
