"""What a JSON export holds can be had again as it was read, whoever put what into the folder."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench
from notion_sync_core.errors import NotionSyncError, SinkError, StateError
from notion_sync_core.model import Block, Json
from notion_sync_core.restore.originals import json_files
from notion_sync_core.restore.originals.export_files import FolderFiles, SinkFiles
from notion_sync_core.restore.originals.json_files import Document
from notion_sync_core.restore.originals.of_export import opened_at, opened_export
from notion_sync_core.restore.originals.of_mirror import opened
from notion_sync_demo import Emulator, Workspace, generate
from notion_sync_demo.build import block
from plugins.rendering import MemoryDocument, MemorySite, content

JSON: dict[str, Any] = {"export.renderers": ["json"], "export.comments": True}
MANIFEST = ".notion-sync/manifest.jsonl"
PAGE = "11111111-1111-4111-8111-111111111111"


def everything(originals: Any) -> Iterator[tuple[Any, ...]]:
    """All that can be asked of originals, in the order of the tree."""
    for ref in originals.refs():
        yield ("ref", ref.id, ref.kind, ref.title, ref.created_time, ref.last_edited_time, ref.url)
        yield ("object", originals.object(ref.id))
        yield ("inside", [each.id for each in originals.inside(ref.id)])
        yield ("comments", list(originals.comments(ref.id)))
        if ref.kind == "page":
            yield from _within(originals, ref.id, ref.id)


def _within(originals: Any, page: str, parent: str) -> Iterator[tuple[Any, ...]]:
    for raw in originals.blocks(parent):
        yield ("block", parent, {key: value for key, value in raw.items() if key != "has_children"})
        yield ("comments", list(originals.comments(raw["id"])))
        held = originals.file(page, Block(raw).payload)
        yield ("file", None if held is None else (held.sha256, held.size, held.name))
        if raw["type"] not in ("child_page", "child_database"):
            yield from _within(originals, page, raw["id"])


def same(one: Any, other: Any) -> None:
    """Two originals hold the same; the first difference is told."""
    for left, right in zip(everything(one), everything(other), strict=True):
        assert orjson.dumps(left) == orjson.dumps(right)


@pytest.mark.parametrize("manifest", [True, False])
def test_an_export_holds_what_the_mirror_holds(bench: Bench, manifest: bool) -> None:
    bench.good(**JSON)
    if not manifest:
        (bench.out / MANIFEST).unlink()
    with opened(bench.job()) as mirror, opened_export(bench.out) as export:
        same(mirror, export)


def test_so_does_one_of_a_generated_workspace(tmp_path: Path) -> None:
    with Emulator(generate(80, seed=5)) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**JSON)
        with opened(bench.job()) as mirror, opened_export(bench.out) as export:
            same(mirror, export)


@pytest.mark.parametrize("whole", [0, 1 << 20])
def test_comments_come_back_too(tmp_path: Path, whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "WHOLE", whole)
    space = Workspace()
    page = space.add_page(None, "Page", [block("toggle", "x", children=[block("paragraph", "y")])])
    (outer,) = (raw["id"] for raw in space.children(page))
    (inner,) = (raw["id"] for raw in space.children(outer))
    said = [f"About {each}" for each in (page, outer, inner)]
    for about, words in zip((page, outer, inner), said, strict=True):
        space.add_comment(about, words)
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**JSON)
        with opened(bench.job()) as mirror, opened_export(bench.out) as export:
            same(mirror, export)
            found = [raw for about in (page, outer, inner) for raw in export.comments(about)]
            assert [raw["rich_text"][0]["plain_text"] for raw in found] == said


def test_files_that_are_read_in_pieces_hold_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "WHOLE", 0)
    bench.good(**JSON)
    with opened(bench.job()) as mirror, opened_export(bench.out) as export:
        same(mirror, export)


def test_what_the_url_of_a_sink_names_holds_what_the_folder_holds(bench: Bench) -> None:
    bench.good(**JSON)
    for _ in ("with a manifest", "without"):
        with opened_at(bench.job(), bench.out.as_uri()) as bucket, opened_at(bench.job(), str(bench.out)) as folder:
            same(folder, bucket)
        (bench.out / MANIFEST).unlink(missing_ok=True)


def test_what_an_earlier_version_wrote_is_read(bench: Bench) -> None:
    bench.good(**JSON)
    for path in bench.out.rglob("*.json"):
        whole = json.loads(path.read_text())
        del whole["notion_version"]
        whole.pop("files", None)
        if whole["object"]["object"] == "page":
            del whole["data_sources"]
        path.write_text(json.dumps(whole, separators=(",", ":")))
    with opened(bench.job()) as mirror, opened_export(bench.out) as export:
        for left, right in zip(everything(mirror), everything(export), strict=True):
            assert left[0] == "file" or orjson.dumps(left) == orjson.dumps(right)


def test_of_an_earlier_version_files_are_known_where_only_one_fits(tmp_path: Path) -> None:
    space = Workspace()
    one, two, text = (space.add_file(name, name.encode()) for name in ("a.csv", "b.csv", "c.txt"))
    blocks = [block("file", **each) for each in (one, two, text)]
    page = space.add_page(None, "Page", blocks)
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**JSON)
        written = bench.out / "Page.json"
        whole = json.loads(written.read_text())
        assert sorted(whole.pop("files").values()) == sorted(
            path.relative_to(bench.out).as_posix() for path in (bench.out / "assets").rglob("*.*")
        )
        written.write_text(json.dumps(whole))
        with opened_export(bench.out) as export:
            found = [export.file(page, Block(raw).payload) for raw in export.blocks(page)]
            assert [each and each.path.read_bytes() for each in found] == [None, None, b"c.txt"]


def test_a_file_that_is_not_what_was_exported_was_never_had(tmp_path: Path) -> None:
    space = Workspace()
    holder = space.add_file("a.txt", b"words")
    page = space.add_page(None, "Page", [block("file", **holder)])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**JSON)
        (asset,) = (bench.out / "assets").rglob("*.txt")
        with opened_export(bench.out) as export:
            (raw,) = export.blocks(page)
            assert export.file(page, raw["file"]) is not None
            asset.write_bytes(b"other")
            assert export.file(page, raw["file"]) is None
            asset.unlink()
            asset.symlink_to("/etc/hostname")
            assert export.file(page, raw["file"]) is None


def test_what_a_rename_left_behind_is_not_restored(tmp_path: Path) -> None:
    space = Workspace()
    page = space.add_page(None, "Old", [block("paragraph", "Once")])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good("export", **JSON)
        space.rename(page, "New")
        bench.good("export", **JSON)
        assert {path.name for path in bench.out.glob("*.json")} == {"Old.json", "New.json"}
        with opened_export(bench.out) as export:
            assert [ref.title for ref in export.refs()] == ["New"]
        (bench.out / MANIFEST).unlink()
        with pytest.raises(StateError, match="disagree about the page"), opened_export(bench.out):
            pass


def test_a_database_whose_rows_are_lines_too_has_one_document(bench: Bench) -> None:
    given = {**JSON, "export.renderers": [{"use": "json", "rows": True}]}
    bench.good(**given)
    with opened(bench.job()) as mirror, opened_export(bench.out) as export:
        same(mirror, export)
    (bench.out / MANIFEST).unlink()
    with opened(bench.job()) as mirror, opened_export(bench.out) as export:
        same(mirror, export)


# -- what others may have put there


def export_of(folder: Path, *documents: Json) -> Path:
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document, separators=(",", ":")))
    return folder


def page_of(*blocks: Any, page: str = PAGE, **more: Any) -> Json:
    raw = {"object": "page", "id": page, "parent": {"type": "workspace"}, "properties": {}}
    return {"schema": 1, "object": raw, "data_sources": [], "blocks": list(blocks), **more}


def a_block(name: str, **more: Any) -> Json:
    return {"object": "block", "id": name, "type": "paragraph", "paragraph": {"rich_text": []}, **more}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b'{"schema":1,"object":{"object":"page"},"blocks":[{',
        b'{"schema":1,"object":{"object":"page","id":"x"},"blocks":[]}',
        b'{"schema":1,"object":{"object":"page","id":"%b"},"blocks":[7]}' % PAGE.encode(),
        b'{"schema":1,"object":{"object":"page","id":"%b"},"blocks":[{},"x"]}' % PAGE.encode(),
        b'{"schema":1,"object":{"object":"page","id":"%b"},"blocks":[{"children":[]}]}' % PAGE.encode(),
        b'{"schema":1,"object":{"object":"page","id":"%b"},"blocks":[]},{}' % PAGE.encode(),
        b'{"schema":1,"object":{"object":"page","id":"%b"},"blocks":[{"id":"a","children":[],"x":[}]}' % PAGE.encode(),
        b'{"schema":2,"object":{"object":"page","id":"%b"},"blocks":[]}' % PAGE.encode(),
        b"\xff\xfe",
        b'"' * 4097,
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = export_of(tmp_path / "export", page_of(page=PAGE.replace("1", "2")))
    (folder / "Broken.json").write_bytes(damage)
    with pytest.raises(StateError, match=r"Broken\.json") as caught, opened_export(folder):
        pass
    assert caught.value.remedy
    if b'"blocks":[' in damage:
        monkeypatch.setattr(json_files, "WHOLE", 0)
        with pytest.raises(StateError, match=r"Broken\.json"), opened_export(folder):
            pass


def test_json_of_others_is_passed_over(tmp_path: Path) -> None:
    folder = export_of(tmp_path / "export", page_of(), {"name": "package"}, {"schema": "draft-7", "blocks": []})
    (folder / "list.json").write_text("[1, 2]")
    with opened_export(folder) as export:
        assert [ref.id for ref in export.refs()] == [PAGE]


def test_what_people_uploaded_is_no_document(tmp_path: Path) -> None:
    folder = export_of(tmp_path / "export", page_of())
    forged = json.dumps(page_of(page=PAGE.replace("1", "6")))
    for path in (f"assets/ab/{'ab' * 32}.json", f"files/of/cd/{'cd' * 32}.json", ".notion-sync/staging/x.json"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(forged)
    with opened_export(folder) as export:
        assert [ref.id for ref in export.refs()] == [PAGE]


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = export_of(tmp_path / "export", page_of())

    def fail(_: object, *, onerror: Callable[[OSError], None]) -> Iterator[Any]:
        onerror(PermissionError(13, "Permission denied"))
        return iter(())

    monkeypatch.setattr(os, "walk", fail)
    with pytest.raises(SinkError, match="Permission denied"), opened_export(folder):
        pass


def test_what_a_sink_holds_is_copied_once(tmp_path: Path) -> None:
    class Held:
        location = "memory:"
        reads = 0

        def list(self) -> Iterator[str]:
            yield from ("a.txt", "../b.txt", "c//d")

        def read(self, path: str) -> Iterator[bytes]:
            if path != "a.txt":
                raise FileNotFoundError(path)
            self.reads += 1
            yield b"x" * (5 << 20)

    held = Held()
    files = SinkFiles(held, tmp_path)
    assert list(files.list()) == ["a.txt"]
    one, other = files.place("a.txt"), files.place("a.txt")
    assert one == other
    assert one is not None
    assert (one.stat().st_size, held.reads) == (5 << 20, 1)
    assert files.place("b.txt") is None
    with files.open("a.txt") as (file, size):
        assert size == 5 << 20
        assert file.read(3) == b"xxx"
        assert file.fileno() >= 0  # large ones are mapped


def test_a_folder_without_an_export_says_so(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no JSON export in"), opened_export(tmp_path):
        pass
    with pytest.raises(StateError, match="cannot be read"), opened_export(tmp_path / "missing"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="is no folder"), opened_export(tmp_path / "file"):
        pass


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    elsewhere = export_of(tmp_path / "elsewhere", page_of(a_block("secret")))
    secret = elsewhere / "assets" / "ab" / ("ab" * 32)
    secret.parent.mkdir(parents=True)
    secret.touch()
    files = {"https://a.example/x": f"../elsewhere/assets/ab/{'ab' * 32}"}
    own = PAGE.replace("1", "2")
    folder = export_of(tmp_path / "export", page_of(a_block("one"), page=own, files=files))
    (folder / "linked.json").symlink_to(elsewhere / "0.json")
    (folder / "folder").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe.json")
    with pytest.raises(StateError, match="lacks"), opened_export(folder):
        pass
    (folder / "pipe.json").unlink()
    (folder / "linked.json").unlink()
    with opened_export(folder) as export:
        assert [ref.id for ref in export.refs()] == [own]
        assert export.file(own, {"type": "file", "file": {"url": "https://a.example/x"}}) is None
    for path in ("../elsewhere/0.json", "/etc/passwd", "folder/0.json", "a//b", ".", "", "a\0b"):
        assert FolderFiles(folder).place(path) is None


def test_a_manifest_that_leads_out_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    export_of(tmp_path / "elsewhere", page_of())
    folder = export_of(tmp_path / "export", page_of())
    (folder / ".notion-sync").mkdir()
    line = {"id": PAGE, "sha256": {"../elsewhere/0.json": ""}, "assets": []}
    (folder / MANIFEST).write_text(f'{{"schema":1}}\n{json.dumps(line)}\n')
    with pytest.raises(StateError, match="lacks"), opened_export(folder):
        pass
    for broken in ("{", "[]", '{"id":1}', '{"id":"x","sha256":[1],"assets":[]}'):
        (folder / MANIFEST).write_text(f'{{"schema":1}}\n{broken}\n')
        with pytest.raises(StateError, match="line 2 of"), opened_export(folder):
            pass


def test_a_file_that_is_about_another_page_than_the_manifest_says_is_told(tmp_path: Path) -> None:
    folder = export_of(tmp_path / "export", page_of())
    (folder / ".notion-sync").mkdir()
    line = {"id": PAGE.replace("1", "2"), "sha256": {"0.json": ""}, "assets": []}
    (folder / MANIFEST).write_text(f'{{"schema":1}}\n{json.dumps(line)}\n')
    with pytest.raises(StateError, match=r"0\.json is about"), opened_export(folder):
        pass


def walked(export: Any, parent: str, budget: list[int]) -> Any:
    """What stands in a page, as someone goes through it who believes ``has_children``."""
    found = []
    for raw in export.blocks(parent):
        budget[0] -= 1
        assert budget[0] > 0, "it never ends"
        found.append((raw["id"], walked(export, raw["id"], budget) if raw["has_children"] else []))
    return found


def test_blocks_that_stand_in_each_other_end(tmp_path: Path) -> None:
    other = PAGE.replace("1", "2")
    one = page_of(a_block("a", has_children=True, children=[a_block("b", has_children=True)]))
    two = page_of(a_block("b", children=[a_block("a", has_children=True)]), page=other)
    with opened_export(export_of(tmp_path / "export", one, two)) as export:
        assert walked(export, PAGE, [20]) == [("a", [("b", [])])]
        assert walked(export, other, [20]) == [("b", [("a", [])])]


def test_two_files_that_disagree_about_a_block_are_told(tmp_path: Path) -> None:
    one = page_of(a_block("a", children=[a_block("x")]))
    two = page_of(a_block("a", children=[a_block("y")]), page=PAGE.replace("1", "2"))
    with (
        pytest.raises(StateError, match=r"1\.json and another file of .* disagree about what stands in a"),
        opened_export(export_of(tmp_path / "export", one, two)),
    ):
        pass


def test_too_large_a_file_and_too_large_a_block_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = export_of(tmp_path / "export", page_of(a_block("a" * 5000, children=[a_block("b")])))
    monkeypatch.setattr(json_files, "MOST", 1000)
    with pytest.raises(StateError, match="larger than"), opened_export(folder):
        pass
    monkeypatch.setattr(json_files, "MOST", 1 << 30)
    monkeypatch.setattr(json_files, "WHOLE", 0)
    monkeypatch.setattr(json_files, "MOST_OF_ONE", 1000)
    with pytest.raises(StateError, match="larger than"), opened_export(folder):
        pass


# -- reading at once, and in pieces


class Heap:
    """Takes what a file holds."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.ended = 0

    def see(self, block: Json) -> None:
        self.found.append(("see", orjson.dumps(block)))

    def put(self, listing: json_files.Listing) -> None:
        self.found.append(("put", orjson.dumps(listing)))

    def put_comments(self, about: str, comments: list[Json]) -> None:
        self.found.append(("comments", about, orjson.dumps(comments)))

    def end(self) -> None:
        self.ended += 1


def taken(text: bytes, folder: Path, *, pieces: bool) -> list[Any]:
    heap, heads = Heap(), []

    def found(document: Document) -> Heap:
        heads.append(document)
        return heap

    path = folder / "x.json"
    path.write_bytes(text)
    with path.open("rb") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_files, "WHOLE", -1 if pieces else 1 << 30)
        json_files.read(file, len(text), "x.json", found)
    assert heap.ended == 1
    return [*heads, *heap.found]


texts = st.text() | st.sampled_from(['"children":[', '\\"children\\":[', '"blocks":[', "{", "]}", "\\", '"'])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def blocks_of(draw: st.DrawFn, depth: int = 3) -> list[Json]:
    found = []
    for _ in range(draw(st.integers(0, 4 if depth else 0))):
        raw: Json = {"id": draw(st.uuids().map(str)), "type": draw(texts), "payload": draw(values)}
        if draw(st.booleans()):
            raw["comments"] = [{"id": draw(texts)}]
        if draw(st.booleans()):
            raw["children"] = draw(blocks_of(depth - 1)) if depth else []
        found.append(raw)
    return found


@given(blocks_of(), values, values)
def test_in_pieces_the_same_is_read_as_at_once(blocks: list[Json], before: Any, after: Any) -> None:
    whole = {"schema": 1, "x": before, "object": {"id": PAGE, "y": before}, "blocks": blocks, "files": {"z": after}}
    text = orjson.dumps(whole)
    folder = Path(os.environ["HOME"])
    assert taken(text, folder, pieces=True) == taken(text, folder, pieces=False)


@given(st.binary(max_size=40), st.integers(0, 400), blocks_of())
def test_whatever_a_file_holds_only_our_own_errors_come_out(junk: bytes, at: int, blocks: list[Json]) -> None:
    text = orjson.dumps({"schema": 1, "object": {"id": PAGE}, "blocks": blocks})
    text = text[:at] + junk + text[at + len(junk) // 2 :]
    folder = Path(os.environ["HOME"])
    results = []
    for pieces in (False, True):
        try:
            results.append(taken(text, folder, pieces=pieces))
        except (NotionSyncError, json_files.NoDocumentError):
            results.append(None)
    assert results[0] is None or results[0] == results[1]


def test_long_lists_come_as_hundreds_and_any_depth_is_read(tmp_path: Path) -> None:
    text = b'{"schema":1,"object":{"object":"page","id":"%b"},"data_sources":[],"blocks":[' % PAGE.encode()
    level = b"".join(b'{"id":"%d","type":"toggle","toggle":{},"children":[' % each for each in range(5000))
    text += level + b"]}" * 5000 + b"," + b",".join(b'{"id":"n%d"}' % each for each in range(250)) + b"]}\n"
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "x.json").write_bytes(text)
    with opened_export(folder) as export:
        assert len(list(export.blocks(PAGE))) == 251
        assert [raw["id"] for raw in export.blocks("4998")] == ["4999"]
        assert list(export.blocks("4999")) == []


def test_a_regular_expression_looks_at_no_byte_twice() -> None:
    text = b'{"blocks":[' + b'"' + b'\\"' * 200_000
    with pytest.raises(StateError):
        json_files._read_pieces(text, "x.json", lambda _: Heap())


def test_the_renderer_writes_what_the_core_knows() -> None:
    from notion_sync_json import JsonRenderer
    from notion_sync_json.renderer import SCHEMA

    assert SCHEMA == json_files.SCHEMA
    kid = {**block("paragraph", "kid"), "id": "k"}
    document = MemoryDocument([{**block("toggle", "parent", [kid]), "id": "p"}, kid])
    text = content(next(iter(JsonRenderer().render_document(document, MemorySite()))))
    heap: list[Document] = []
    json_files.read(io.BytesIO(text.encode()), len(text), "x", lambda found: heap.append(found) or Heap())
    assert heap[0].notion_version == "2026-03-11"
