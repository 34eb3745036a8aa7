"""No title and nothing planted leads out of the sink, and nobody's file is overwritten in silence."""

from __future__ import annotations

import os
import shutil
import unicodedata
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Bench, tree
from faults.hostile import TITLES, generated
from notion_sync_core.errors import Exit
from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages.layout import Child, name_children
from notion_sync_core.stages.names import MAX_PART, fold
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block
from notion_sync_fs import FileSystemSink

pytestmark = pytest.mark.campaign

NAMINGS = ("title", "slug", "id")


def children(titles: list[str]) -> list[Child]:
    return [
        Child(str(uuid.UUID(int=(number * 0x9E3779B97F4A7C15) % (1 << 128), version=4)), title)
        for number, title in enumerate(titles)
    ]


def expect_harmless(names: list[str]) -> None:
    """Every name is one part, and no file system takes two of them for the same."""
    for name in names:
        assert name not in ("", ".", "..")
        assert not set(name) & set('/\\:*?"<>|\0')
        assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in name)
        assert not name.startswith((".", "~", " "))
        assert not name.endswith((".", " "))
        assert len(name.encode()) <= MAX_PART
        assert name.casefold() not in ("assets", ".notion-sync")
    assert len({fold(name) for name in names}) == len(names)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert len({unicodedata.normalize(form, name).casefold() for name in names}) == len(names), form


def test_two_hundred_kept_titles_are_many_and_different() -> None:
    assert len(TITLES) >= 200
    assert len(set(TITLES)) >= 200


@pytest.mark.parametrize("naming", NAMINGS)
def test_ten_thousand_hostile_titles_get_names_that_are_harmless_and_different(naming: str) -> None:
    for titles in (TITLES, generated(10_000)):
        given = children(titles)
        names = dict(name_children(given, root=True, naming=naming))  # type: ignore[arg-type]
        assert len(names) == len(given)
        expect_harmless(list(names.values()))


def test_ten_thousand_hostile_files_are_ten_thousand_files_below_the_root(tmp_path: Path) -> None:
    sink = Sink.of(FileSystemSink(path=str(tmp_path / "out"), fsync=False), "fs")
    sink.open("run")
    names = dict(name_children(children(generated(10_000, seed=1)), root=True))
    for child, name in names.items():
        staged = sink.stage(Artifact(f"{name}.md", [child.encode()], "text/plain"))
        sink.commit(staged)
    sink.close()
    found = [path for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert {path.read_text() for path in found} == set(names)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_workspace_of_hostile_titles_is_exported_whole_and_inside_its_root(tmp_path: Path) -> None:
    space = Workspace("Hostile", seed=1)
    # The API speaks JSON, which has no lone surrogates.
    titles = [
        title for title in TITLES if not any(0xD800 <= ord(char) < 0xE000 for char in title) and len(title) <= 2000
    ]
    for number, title in enumerate(titles):
        page = space.add_page(None, title, [block("paragraph", f"Content {number}.")])
        if number % 5 == 0:
            space.add_page(page, title, [block("paragraph", f"Inner {number}.")])
    sub = tmp_path / "deep" / "below"
    sub.mkdir(parents=True)
    with Emulator(space) as emulator:
        bench = Bench(emulator, sub)
        bench.good()
        texts = "\n".join(path.read_text() for path in bench.out.rglob("*.md"))
        missing = [number for number in range(len(titles)) if f"Content {number}." not in texts]
        assert missing == []
        assert all(f"Inner {number}." in texts for number in range(0, len(titles), 5))
        before = tree(bench.out)
        bench.good()
        assert tree(bench.out) == before == bench.fresh()
    assert {path.name for path in sub.iterdir()} == {"out", "state", "fresh", "state-fresh"}
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def link_file(bench: Bench, outside: Path) -> None:
    path = next(bench.out.rglob("Safety.md"))
    path.unlink()
    path.symlink_to(outside / "precious.txt")


def link_folder(bench: Bench, outside: Path) -> None:
    folder = bench.out / "Fernwood Bikes Handbook" / "Notes"
    shutil.rmtree(folder)
    folder.symlink_to(outside)


def link_staging(bench: Bench, outside: Path) -> None:
    shutil.rmtree(bench.out / ".notion-sync" / "staging")
    (bench.out / ".notion-sync" / "staging").symlink_to(outside)


def link_private(bench: Bench, outside: Path) -> None:
    shutil.copytree(bench.out / ".notion-sync", outside / "private")
    shutil.rmtree(bench.out / ".notion-sync")
    (bench.out / ".notion-sync").symlink_to(outside / "private")


def link_manifest(bench: Bench, outside: Path) -> None:
    (bench.out / ".notion-sync" / "manifest.jsonl").unlink()
    (bench.out / ".notion-sync" / "manifest.jsonl").symlink_to(outside / "precious.txt")


def link_lock(bench: Bench, outside: Path) -> None:
    (bench.out / ".notion-sync" / "lock").unlink()
    (bench.out / ".notion-sync" / "lock").symlink_to(outside / "precious.txt")


def link_assets(bench: Bench, outside: Path) -> None:
    shutil.rmtree(bench.out / "assets")
    (bench.out / "assets").symlink_to(outside)


def hardlink_file(bench: Bench, outside: Path) -> None:
    path = next(bench.out.rglob("Safety.md"))
    path.unlink()
    os.link(outside / "precious.txt", path)


def hardlink_manifest(bench: Bench, outside: Path) -> None:
    (bench.out / ".notion-sync" / "manifest.jsonl").unlink()
    os.link(outside / "precious.txt", bench.out / ".notion-sync" / "manifest.jsonl")


def link_state(bench: Bench, outside: Path) -> None:
    state = next((bench.folder / "state").rglob("state.sqlite"))
    state.unlink()
    state.symlink_to(outside / "precious.txt")


def link_job_lock(bench: Bench, outside: Path) -> None:
    lock = next(path for path in (bench.folder / "state").rglob("lock"))
    lock.unlink()
    lock.symlink_to(outside / "precious.txt")


PLANTED = (
    *(link_file, link_folder, link_staging, link_private, link_manifest, link_lock, link_assets, hardlink_file),
    *(hardlink_manifest, link_state, link_job_lock),
)


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("edit", ["keep", pytest.param("overwrite", marks=pytest.mark.chaos)])
def test_what_is_planted_is_neither_followed_nor_written_through(
    bench: Bench, plant: Callable[[Bench, Path], None], edit: str
) -> None:
    bench.good()
    outside = bench.folder / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("theirs")
    plant(bench, outside)
    before = tree(outside)
    for page in list(bench.space.pages)[:20]:
        bench.space.append_block(page, block("paragraph", "new words"))
    report = bench.run("sync", export__on_edit=edit)
    assert (outside / "precious.txt").read_text() == "theirs"
    assert {name: content for name, content in tree(outside).items() if "private/" not in name} == {
        name: content for name, content in before.items() if "private/" not in name
    }
    assert tree(outside).keys() <= before.keys()
    if report.error is not None:
        assert report.exit_code in (Exit.SINK, Exit.STATE), report.error
        assert report.error.remedy
