"""A run on a machine without a mirror fetches the versions that it needs, and reads nothing again for their lack."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field

from conftest import Bench, tree
from notion_sync_core import Host, SinkError
from notion_sync_core.errors import Exit
from notion_sync_core.history.copies import Name
from notion_sync_core.history.copying import Copying
from notion_sync_core.history.keeping import History
from notion_sync_core.history.store import Store
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Report
from notion_sync_demo.build import block
from notion_sync_fs import FileSystemSink
from pipeline.test_sync import EDITS


@define
class Vault:
    """Versions and files in a folder, as a bucket has them."""

    folder: Path
    fetched: list[Name] = field(factory=list)

    def put(self, bench: Bench) -> None:
        """Bring everything there that the job's history keeps."""
        job = bench.job()
        sink = Sink.of(FileSystemSink(self.folder))
        with contextlib.ExitStack() as stack:
            state, mirror = job.open_state(), job.open_mirror()
            history = History(job.history_folder(), state, mirror)
            for each in (state, mirror, history):
                stack.callback(each.close)
            sink.open("vault")
            stack.callback(sink.close)
            Copying(history, sink).push()

    def path(self, name: Name) -> Path:
        kind, sha256 = name
        return self.folder / kind / sha256[:2] / sha256

    def __call__(self, name: Name) -> Iterable[bytes]:
        self.fetched.append(name)
        with self.path(name).open("rb") as file:
            while chunk := file.read(1000):
                yield chunk


@pytest.fixture
def vault(bench: Bench) -> Vault:
    """What a complete run left, and nothing of it in a mirror."""
    bench.good()
    vault = Vault(bench.folder / "vault")
    vault.put(bench)
    empty(bench)
    return vault


def empty(bench: Bench) -> None:
    """Another machine: it has state and rows, and neither documents nor files."""
    folder = bench.job().folder()
    shutil.rmtree(folder / "mirror")
    shutil.rmtree(folder / "history" / "blobs", ignore_errors=True)
    store = Store(folder / "history" / "history.sqlite")
    for each in list(store.frames()):
        store.drop_frame(each)
    store.commit()
    store.close()


def synced(bench: Bench, vault: Vault, mode: str = "sync", **given: Any) -> Report:
    job = evolve(bench.job(**given), host=Host(versions=vault))
    return run(job, Options(mode=mode))  # type: ignore[arg-type]


def test_where_nothing_changed_nothing_is_read_and_no_document_is_fetched(bench: Bench, vault: Vault) -> None:
    before = bench.requests()
    bench.good(state="state-other", to=bench.folder / "other")
    first = bench.requests() - before
    report = synced(bench, vault)
    assert report.status == "complete"
    assert (report.objects.read, report.artifacts.written) == (0, 0)
    assert report.requests.total < first / 4
    assert len(vault.fetched) <= len(bench.space.data_sources), (
        "data sources are asked for in the form in which they are known"
    )


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_tree_equals_a_fresh_export(bench: Bench, vault: Vault, edit: str) -> None:
    EDITS[edit](bench.space, {bench.space.title(each): each for each in bench.space.pages})
    assert synced(bench, vault).status == "complete"
    assert tree(bench.out) == bench.fresh()
    assert len(vault.fetched) == len(set(vault.fetched)), "each comes once"


def test_of_many_documents_only_those_that_change_are_fetched(bench: Bench) -> None:
    for number in range(60):
        bench.space.add_page(None, f"Leaf {number:02}", [block("paragraph", "green")])
    bench.good()
    vault = Vault(bench.folder / "vault")
    vault.put(bench)
    empty(bench)
    leaf = next(each for each in bench.space.pages if bench.space.title(each) == "Leaf 07")
    bench.space.append_block(leaf, block("paragraph", "yellow"))
    assert synced(bench, vault).objects.read == 1
    assert len(vault.fetched) <= 5
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("renderers", [["markdown"], ["html"], ["json"]])
def test_everything_can_be_made_again_from_versions_alone(bench: Bench, renderers: list[str]) -> None:
    given = {"export__renderers": renderers}
    bench.good(**given)
    vault = Vault(bench.folder / "vault")
    vault.put(bench)
    empty(bench)
    before = bench.requests()
    assert synced(bench, vault, "render", **given).status == "complete"
    assert bench.requests() == before
    assert tree(bench.out) == bench.fresh(**given)
    assert {kind for kind, _ in vault.fetched} == {"versions"}


def test_files_come_from_there_as_well(bench: Bench, vault: Vault) -> None:
    before = bench.emulator.counters.files
    moved = {"export__assets_folder": "media"}
    assert synced(bench, vault, **moved).status == "complete"
    assert bench.emulator.counters.files == before
    assert "files" in {kind for kind, _ in vault.fetched}
    assert tree(bench.out) == bench.fresh(**moved)


def test_what_was_read_anew_is_not_mixed_with_what_was(bench: Bench) -> None:
    given = {"export__comments": True}
    page = bench.space.add_page(None, "Talk", [block("paragraph", each) for each in "abc"])
    bench.space.add_comment(page, "first")
    bench.good(**given)
    vault = Vault(bench.folder / "vault")
    vault.put(bench)
    empty(bench)
    for each in list(bench.space.children(page)):
        bench.space.delete_block(each["id"])
    bench.space.comments.pop(page)
    bench.space.touch(page)
    assert synced(bench, vault, **given).status == "complete"
    assert tree(bench.out) == bench.fresh(**given)


def cut_off(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def swap(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def remove(path: Path, other: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [cut_off, swap, remove])
def test_what_is_damaged_is_read_again(bench: Bench, vault: Vault, harm: Callable[[Path, Path], None]) -> None:
    versions = sorted((vault.folder / "versions").rglob("?" * 64))
    for path, other in pairwise([*versions, versions[0]]):
        harm(path, other)
    EDITS["a page renamed"](bench.space, {bench.space.title(each): each for each in bench.space.pages})
    report = synced(bench, vault)
    assert report.status == "complete"
    assert any("the mirror lacked" in each["message"] for each in report.warnings)
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("harm", [cut_off, swap, remove])
def test_a_file_that_is_damaged_is_downloaded_again(
    bench: Bench, vault: Vault, harm: Callable[[Path, Path], None]
) -> None:
    files = sorted((vault.folder / "files").rglob("?" * 64))
    for path, other in pairwise([*files, files[0]]):
        harm(path, other)
    moved = {"export__assets_folder": "media"}
    synced(bench, vault, **moved)
    assert synced(bench, vault, **moved).status == "complete"
    assert tree(bench.out) == bench.fresh(**moved)


def test_a_vault_that_is_away_ends_the_run(bench: Bench, vault: Vault) -> None:
    def away(name: Name) -> Iterable[bytes]:
        raise SinkError("the vault is away")

    EDITS["a page renamed"](bench.space, {bench.space.title(each): each for each in bench.space.pages})
    report = run(evolve(bench.job(), host=Host(versions=away)), Options(mode="sync"))
    assert report.exit_code == Exit.SINK
    assert synced(bench, vault).status == "complete"
    assert tree(bench.out) == bench.fresh()
