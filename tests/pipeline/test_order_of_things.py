"""What comes before what: whatever a run is ended by, nothing counts on something that is not there yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foreign import Desk, Notes, note
from notion_sync_core.errors import Exit, SinkError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.plugin import Artifact, Asset, Found, Ref, hookimpl
from notion_sync_fs import FileSystemSink


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def staged(folder: Path) -> list[str]:
    """What lies in a sink's staging area."""
    return [path.name for path in (folder / ".notion-sync" / "staging").iterdir()]


def manifest(folder: Path) -> str:
    return (folder / ".notion-sync" / "manifest.jsonl").read_text()


def test_a_file_is_deleted_only_when_the_manifest_names_it_as_stale_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.run(Notes).exit_code == 0
    assert "First.md" in manifest(desk.out)
    seen: list[str] = []
    delete = FileSystemSink.sink_delete

    def look(self: FileSystemSink, path: str) -> None:
        seen.append(path)
        header, *objects = manifest(desk.out).splitlines()
        assert f'"{path}"' not in "".join(objects), "after a crash here the manifest would name a file that is gone"
        assert path in json.loads(header)["stale"], "after a crash here, without a state, nobody would know it for ours"
        delete(self, path)

    monkeypatch.setattr(FileSystemSink, "sink_delete", hookimpl(look))
    refs = (note("first", left_out="it is in the trash"), note("second"))
    report = desk.run(type("Less", (Notes,), {"refs": refs}))
    assert report.exit_code == 0, report.error
    assert seen == ["First.md"]


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_the_state_counts_on_no_listing_that_the_mirror_could_not_keep(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    flush, count = Mirror.flush, 0

    def cut(self: Mirror) -> None:
        nonlocal count
        count += 1
        if count >= lost:
            raise SinkError("the power is cut")
        flush(self)

    monkeypatch.setattr(Mirror, "flush", cut)
    many = type("Many", (Notes,), {"refs": tuple(note(f"note{number}") for number in range(40))})
    report = desk.run(many, performance__workers=1)
    assert report.exit_code == Exit.SINK
    job = desk.job({})
    state, mirror = job.open_state(read_only=True), job.open_mirror()
    read = [known.id for known in state.objects.settled_copies()]
    assert [each for each in read if not mirror.has_listing(each) or mirror.object(each) is None] == []
    state.close()
    mirror.close()
    monkeypatch.undo()
    assert desk.run(many).exit_code == 0
    assert len(many.read) == 40 - len(read), "what was kept is not read again"
    assert len(desk.files()) == 40


class Pictured(Notes):
    """Each note has a picture."""

    refs = (note("first"),)

    def found(self, ref: Ref) -> Found:
        url = f"https://example.com/{ref.id}.png"
        return Found(assets=(Asset(url, url, "", ref.id),), read_at="2026-02-01T00:00:00.000Z")

    @hookimpl
    def source_download(self, asset: Asset, out: Any) -> str:
        out.write(asset.key.encode())
        return "image/png"


def test_a_file_that_comes_back_with_its_document_is_written_in_the_same_run(desk: Desk) -> None:
    assert desk.run(Pictured).exit_code == 0
    (picture,) = (desk.out / "assets").rglob("*.png")
    job = desk.job({})
    mirror = job.open_mirror()
    mirror.blob(picture.stem).unlink()
    mirror.put_listings([("b/first/0", None)])
    mirror.flush()
    mirror.close()
    picture.unlink()
    (desk.out / "First.md").unlink()
    report = desk.run(Pictured)
    assert report.exit_code == 0, report.failures
    assert Pictured.read == ["first"]
    assert picture.read_bytes() == b"https://example.com/first.png"
    assert (desk.out / "First.md").exists()


class Halfway:
    """A renderer that makes one file, and fails at the second."""

    format, suffix, folder = "halfway", ".txt", "halfway"

    @hookimpl
    def render_document(self, document: Any, site: Any) -> Iterator[Artifact]:
        yield Artifact(site.path(".txt"), [b"half"], "text/plain")
        self.then(document)

    def then(self, document: Any) -> None:
        raise RuntimeError("the second half")


class Twice(Halfway):
    """A renderer that gives all documents one file."""

    @hookimpl
    def render_document(self, document: Any, site: Any) -> Iterator[Artifact]:
        yield Artifact("halfway/same.txt", [document.ref.id.encode()], "text/plain")


@pytest.mark.parametrize("renderer", [Halfway, Twice])
@pytest.mark.parametrize("sinks", [1, 2])
def test_what_was_staged_of_a_document_that_failed_is_thrown_away(
    desk: Desk, tmp_path: Path, renderer: type[Halfway], sinks: int
) -> None:
    places = [tmp_path / f"out{number}" for number in range(sinks)]
    job = {
        "plugins": {("renderers", "halfway"): renderer},
        "export__renderers": ["markdown", "halfway"],
        "export__sinks": [{"use": "fs", "name": place.name, "path": str(place)} for place in places],
    }
    report = desk.run(**job)
    assert report.exit_code == Exit.PARTIAL
    for place in places:
        assert staged(place) == []
        assert sorted(path.name for path in place.glob("markdown/*")) == ["First.md", "Second.md"]
        assert [path.name for path in place.glob("halfway/*")] in ([], ["same.txt"])


def test_what_was_staged_of_a_document_that_the_mirror_lacks_is_thrown_away(desk: Desk) -> None:
    class Reads(Halfway):
        def then(self, document: Any) -> None:
            list(document.blocks())

    job: dict[str, Any] = {"plugins": {("renderers", "halfway"): Reads}, "export__renderers": ["halfway"]}
    assert desk.run(Notes, **job).exit_code == 0
    mirror = desk.job({}).open_mirror()
    mirror.put_listings([("b/first/0", None)])
    mirror.flush()
    mirror.close()
    retitled = type("Retitled", (Notes,), {"refs": (note("first", title="Other"), note("second"))})
    report = desk.run(retitled, **job)
    assert report.exit_code == 0, report.failures
    assert retitled.read == ["first"], "the mirror lacked it"
    assert staged(desk.out) == []


BLOCK = "0123456789abcdef0123456789abcdef"


class Linked(Notes):
    """The second note links to a block of the first one, which is there, and to one that is not."""

    target = BLOCK

    def listing(self, ref: Ref) -> Any:
        found = super().listing(ref)
        found.raw["results"][0]["id"] = BLOCK
        return found

    def found(self, ref: Ref) -> Found:
        anchors = frozenset({("first", self.target)}) if ref.id == "second" else frozenset()
        links = frozenset({"first"}) if anchors else frozenset()
        return Found(anchors=anchors, links=links, read_at="2026-02-01T00:00:00.000Z")


class Titles(Halfway):
    """A renderer that looks at no block."""

    @hookimpl
    def render_document(self, document: Any, site: Any) -> Iterator[Artifact]:
        yield Artifact(site.path(".txt"), [document.ref.title.encode()], "text/plain")


@pytest.mark.parametrize("renderers", [["markdown", "halfway"], ["halfway", "markdown"], ["markdown"]])
@pytest.mark.parametrize("target", [BLOCK, "f" * 32])
def test_a_link_to_a_block_is_dead_only_if_no_renderer_shows_the_block(
    desk: Desk, renderers: list[str], target: str
) -> None:
    source = type("Linked", (Linked,), {"target": target})
    report = desk.run(source, plugins={("renderers", "halfway"): Titles}, export__renderers=renderers)
    assert report.exit_code == 0, report.failures
    dead = [item["message"] for item in report.warnings]
    assert len(dead) == (0 if target == BLOCK else 1), dead
