"""Checks of renderers: which files they make, and that they are pure."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import attrs

from notion_sync_core.testing.build import block, every_kind, rich, schema, value
from notion_sync_core.testing.drafts import Draft, database, document
from notion_sync_core.testing.elsewhere import Errand, Recipe
from notion_sync_core.testing.examine import NotApplicable, same, secrets_of
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench, comment, pure, render_elsewhere
from notion_sync_core.testing.shelf import Rendered

check = PAPER.check
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(\s*;.*)?$", re.IGNORECASE)
"""RFC 6838, section 4.2."""


def typical() -> list[Draft]:
    """A page with every kind of block, one it leads to, one inside it, and a database with rows."""
    other = document("Other page", block("paragraph", "elsewhere"))
    first = document("Every kind", *every_kind(other.id), links=[other.id])
    inner = document("Inner page", block("paragraph", "within"), inside=first)
    return [first, other, inner, tasks()]


def tasks() -> Draft:
    """A database with columns of several types, and rows."""
    columns = {"Name": schema("Name", "title"), "Hours": schema("Hours", "number"), "Done": schema("Done", "checkbox")}
    rows = [
        {
            "Name": value("title", "Name", rich(f"Task {number}")),
            "Hours": value("number", "Hours", number),
            "Done": value("checkbox", "Done", number % 2 == 0),
        }
        for number in range(5)
    ]
    return database("Tasks", columns, rows)


def all_files(bench: RendererBench, plugin: Any, drafts: list[Draft]) -> dict[str, bytes]:
    """All files of these documents, by one instance on one shelf."""
    shelf = bench.shelf(*drafts)
    made = [shelf.render(plugin, draft.id) for draft in drafts]
    return {path: content for each in made for path, content in each.files.items()}


@check()
def it_says_what_it_makes(bench: RendererBench) -> None:
    """``format`` names what it makes, for plugins of single blocks, and ``suffix`` begins with a dot: names are given
    away with it. What has neither renders single blocks only.
    """
    plugin = bench.plugin()
    if not bench.implements("render_document"):
        raise NotApplicable("it makes no documents")
    assert isinstance(getattr(plugin, "format", None), str), "it has no attribute format"
    assert plugin.format, "its format is empty"
    for suffix in (getattr(plugin, "suffix", None), *(getattr(plugin, "suffixes", None) or ())):
        assert isinstance(suffix, str), f"{suffix!r} is no suffix"
        assert suffix.startswith("."), f"the suffix {suffix!r} does not begin with a dot"
        assert "/" not in suffix, f"the suffix {suffix!r} has a slash"


@check()
def every_document_has_its_file(bench: RendererBench) -> None:
    """A page, an empty one, and a database each have a file at ``site.path(suffix)``: there other documents' links
    lead to.
    """
    drafts = [*typical(), document("Empty"), document("")]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft in drafts:
        made = _good(shelf.render(plugin, draft.id), draft)
        wanted = f"{shelf.path(draft.id)}{plugin.suffix}"
        assert wanted in made.files, f"{draft.ref.title!r} has no file {wanted}; it has {sorted(made.files)}"


def _good(made: Rendered, draft: Draft) -> Rendered:
    assert not made.error, f"it fails at {draft.ref.title!r}: {made.error}"
    return made


@check()
def every_file_has_a_declared_name(bench: RendererBench) -> None:
    """A document's files are its path with ``suffix``, one of ``suffixes`` or one that ``render_suffixes`` tells for a
    database. Others could be those of another document, which would be written over.
    """
    drafts = typical()
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    (renderer,) = shelf.arranged(plugin)
    for draft in drafts:
        own = [each.ref for each in map(shelf.state.objects.find, (raw["id"] for raw in draft.sources)) if each]
        known = {*renderer.suffixes, *(renderer.database_suffixes(own) if draft.ref.kind == "database" else ())}
        for path in _good(shelf.render(plugin, draft.id), draft).files:
            stem = shelf.path(draft.id)
            assert path.removeprefix(stem) in known, f"{path} is none of {stem} with {', '.join(sorted(known))}"


@check()
def it_stays_in_its_folder(bench: RendererBench) -> None:
    """Beside another renderer each has a folder of its own, and all its files lie there: paths come from ``site.path``
    and are not put together by hand.
    """
    plugin = bench.plugin()
    shelf = bench.shelf(*typical())
    kind = attrs.make_class("Beside", {"folder": attrs.field(default="deep/beside")}, bases=(_Beside,), eq=False)
    renderers = shelf.arranged(plugin, kind())
    folder = renderers[0].folder
    for draft in typical():
        made = _good(shelf.rendered(renderers[:1], draft.id), draft)
        assert made.files, f"beside another renderer {draft.ref.title!r} has no file"
        strange = [path for path in made.files if not path.startswith(f"{folder}/")]
        assert not strange, f"{strange[0]} lies outside of {folder}/"


class _Beside:
    """A renderer of somebody else's in the same job."""

    format = "beside"
    suffix = ".beside"

    from notion_sync_core.plugins.hookspecs import hookimpl as _hookimpl

    @_hookimpl
    def render_document(self) -> list[Any]:
        """Makes nothing."""
        return []


@check()
def the_same_bytes_twice(bench: RendererBench) -> None:
    """The same document gives the same bytes, by one instance and by another. Otherwise every run writes every file,
    and nobody sees what really changed.
    """
    drafts = typical()
    one = bench.plugin()
    first = all_files(bench, one, drafts)
    for again, words in ((one, "rendered again"), (bench.plugin(), "rendered by another instance")):
        assert same(all_files(bench, again, drafts), first), f"{words}, a document has other bytes"


@check()
def the_same_bytes_in_another_process(bench: RendererBench) -> None:
    """Large runs render in several processes, and jobs on several machines: the order of sets, time zone, language,
    environment and current folder change no byte. Options can be sent to another process.
    """
    drafts, plugin = typical(), bench.plugin()
    here = all_files(bench, plugin, drafts)
    try:
        recipe = Recipe.of(plugin)
    except TypeError as error:
        raise AssertionError(str(error)) from error
    errand = Errand(f"{render_elsewhere.__module__}:{render_elsewhere.__name__}", recipe, {"drafts": drafts})
    for seed, zone, language in (("1", "Pacific/Kiritimati", "tr_TR.UTF-8"), ("2", "America/Anchorage", "C")):
        world = {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": language, "LC_ALL": language, "USER": f"user{seed}"}
        with tempfile.TemporaryDirectory() as cwd:
            there = errand.run(Path(cwd), {**world, "HOME": cwd})
        assert there.keys() == here.keys(), "in another process it makes other files"
        other = [path for path in here if there[path] != here[path]]
        assert not other, f"in another process {other[0]} has other bytes"


@check()
def it_is_pure(bench: RendererBench) -> None:
    """While it renders it asks neither for the time nor for anything random, uses no network and writes no file."""
    drafts, plugin = typical(), bench.plugin()
    shelf = bench.shelf(*drafts)
    for draft in drafts:
        shelf.render(plugin, draft.id)  # what is loaded at first is not its content
        seen: list[str] = []
        with pure(seen):
            shelf.render(plugin, draft.id)
        assert not seen, f"rendering {draft.ref.title!r}, {seen[0]}"


@check()
def it_remembers_no_other_document(bench: RendererBench) -> None:
    """What was rendered before changes nothing: documents are rendered in any order, and some in another process."""
    drafts = typical()
    shelf, one = bench.shelf(*drafts), bench.plugin()
    before = {draft.id: shelf.render(one, draft.id).files for draft in drafts}
    for draft in reversed(drafts):
        assert shelf.render(one, draft.id).files == before[draft.id], f"{draft.ref.title!r} depends on what came before"
        alone = shelf.render(bench.plugin(), draft.id).files
        assert alone == before[draft.id], f"{draft.ref.title!r} is another if it is rendered alone"


@check()
def media_types_are_said(bench: RendererBench) -> None:
    """Each file has a media type of two parts, and what says that it is text or JSON is UTF-8: sinks send it on."""
    shelf, plugin = bench.shelf(*typical()), bench.plugin()
    for draft in typical():
        made = _good(shelf.render(plugin, draft.id), draft)
        for path, media_type in made.media_types.items():
            kind, _, rest = media_type.partition("/")
            assert _MEDIA_TYPE.match(media_type), f"{path} has the media type {media_type!r}"
            if kind == "text" or rest.partition(";")[0] == "json":
                try:
                    made.files[path].decode()
                except UnicodeDecodeError as error:
                    raise AssertionError(f"{path} is {media_type} and no UTF-8: {error}") from error


@check()
def what_says_that_it_is_json_can_be_read(bench: RendererBench) -> None:
    """A file of the type JSON, or of JSON in lines, is read by any reader: no comma too many, no name twice in one
    object, nothing behind its end. Programs take the files of an export, and stop at the first that they cannot read.
    """
    deep = [{**block("toggle", "outer"), "children": [{**block("toggle", "inner"), "children": [block("code", "x")]}]}]
    said = {"": [comment("about the page")]}
    drafts = [*typical(), document("Nested", *deep, block("quote", "y"), comments=said), document("Nothing in it")]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft in drafts:
        made = _good(shelf.render(plugin, draft.id), draft)
        for path, media_type in made.media_types.items():
            kind = media_type.partition(";")[0].strip().rpartition("/")[2]
            texts = {"json": [made.files[path]]}.get(kind.rpartition("+")[2], [])
            texts += made.files[path].splitlines() if kind in ("x-ndjson", "jsonl", "jsonlines") else []
            for text in texts:
                try:
                    json.loads(text, object_pairs_hook=_named_once)
                except ValueError as error:
                    raise AssertionError(
                        f"{path} of {draft.ref.title!r} is {media_type} and no JSON: {error}"
                    ) from error


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


@check("suffixes")
def suffixes_are_told_before(bench: RendererBench) -> None:
    """``render_suffixes`` gives the same texts each time, with a dot, also for a database without data sources and for
    one with several: names are given away by it before anything is rendered.
    """
    shelf = bench.shelf(tasks())
    plugin = bench.plugin()
    (renderer,) = shelf.arranged(plugin)
    refs = [
        attrs.evolve(tasks().ref, id=f"{number}", kind="data_source", title=f"Source {number}") for number in (1, 2)
    ]
    for sources in ([], refs[:1], refs):
        told = renderer.database_suffixes(sources)
        assert told == renderer.database_suffixes(list(sources)), "it tells other suffixes of the same database"
        assert len(set(told)) == len(told), "it tells a suffix twice"
        for suffix in (*renderer.suffixes, *told):
            assert suffix.startswith("."), f"the suffix {suffix!r} does not begin with a dot"
            assert "/" not in suffix, f"the suffix {suffix!r} has a slash"


@check("suffixes")
def suffixes_are_used(bench: RendererBench) -> None:
    """What it declares it makes, of a page or of a database: a name that is never used is taken from others."""
    drafts = typical()
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    (renderer,) = shelf.arranged(plugin)
    own = [each.ref for each in map(shelf.state.objects.find, (raw["id"] for raw in tasks().sources)) if each]
    made = {path.removeprefix(shelf.path(each.id)) for each in drafts for path in shelf.render(plugin, each.id).files}
    unused = {*renderer.suffixes, *renderer.database_suffixes(own)} - made
    assert not unused, f"no document has a file with {', '.join(sorted(unused))}"


@check("sections")
def sections_have_their_name(bench: RendererBench) -> None:
    """A document with others inside lies in its folder under the name that ``sections`` says, others do not, and each
    is where links lead to.
    """
    top = document("Top", block("paragraph", "x"))
    leaf = document("Leaf", block("paragraph", "x"), inside=top)
    shelf, plugin = bench.shelf(top, leaf), bench.plugin()
    assert f"Top/{plugin.sections}{plugin.suffix}" in shelf.render(plugin, top.id).files, "a section has another name"
    assert f"Top/Leaf{plugin.suffix}" in shelf.render(plugin, leaf.id).files, "what is inside has another name"


@check()
def it_shows_no_secret(bench: RendererBench) -> None:
    """Neither its ``repr`` nor a file holds a password, token or key of its options."""
    plugin = bench.plugin()
    secrets = list(secrets_of(plugin))
    shown = repr(plugin) + ("".join(map(str, all_files(bench, plugin, typical()).values())) if secrets else "")
    for name, secret in secrets:
        assert secret not in shown, f"it shows {name}"
