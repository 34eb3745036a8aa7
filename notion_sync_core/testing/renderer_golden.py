"""What a renderer makes of whole documents, compared with files kept beside its tests."""

from __future__ import annotations

from collections.abc import Iterable

from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.testing.examine import NotApplicable
from notion_sync_core.testing.filled import fill
from notion_sync_core.testing.gallery import showcase
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench
from notion_sync_core.testing.shelf import Rendered, Shelf

check = PAPER.check


@check()
def what_it_makes_is_as_it_was_kept(bench: RendererBench) -> None:
    """Whoever gives the exam golden files has everything compared that the renderer makes of some documents, byte for
    byte: files, their paths and media types, warnings, and what it says of itself, such as its format. No other check
    knows what is right in a format: a list that is not nested, a heading of the wrong level, a value that is left out.
    """
    plugin = bench.plugin()
    if bench.golden is None:
        raise NotApplicable("no golden files are given: check_renderer(…, golden=FOLDER)")
    documents = bench.golden.documents
    shelf = bench.shelf(*showcase(), *(() if callable(documents) else documents))
    if callable(documents):
        fill(shelf, documents, bench.folder)
    renderer, *_ = shelf.arranged(plugin)
    files: dict[str, bytes] = {}
    notes = {"(renderer)": _about(renderer)}
    for words, made in _made(shelf, plugin):
        files |= made.files
        notes |= made.media_types
        said = [f"fails: {made.error}"] * bool(made.error) + [f"warns: {each}" for each in made.warnings]
        notes |= {f"{words} {number}": each.replace("\n", " ") for number, each in enumerate(said, 1)}
    if said_of_it := bench.golden.compare(files, notes):
        raise NotApplicable(said_of_it)


def _about(renderer: Renderer) -> str:
    """What plugins for single blocks, links and the layout go by."""
    names = ("format", "suffixes", "unfit", "paths", "flat", "sections", "shows_neighbours")
    said = {name: getattr(renderer, name) for name in names}
    return ", ".join(f"{name} {of!r}" for name, of in said.items() if of)


def _made(shelf: Shelf, plugin: object) -> Iterable[tuple[str, Rendered]]:
    """What becomes of each document, and the files about all of them."""
    renderers = shelf.arranged(plugin)
    for known in sorted(shelf.state.objects.in_manifest(), key=lambda each: each.id):
        yield f"({known.id})", shelf.rendered(renderers, known.id)
    if renderers[0].hooks.implements("render_site"):
        yield "(site)", shelf.render_site(plugin)
