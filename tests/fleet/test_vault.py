"""What a turn leaves is there for the next one, on whatever machine; of a turn that was refused nothing is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import evolve

from conftest import Bench, tree
from notion_sync_core import Host, SinkError, StateError
from notion_sync_core.clock import SystemClock
from notion_sync_core.events import Event, SinkWrote
from notion_sync_core.history.carrying import carry
from notion_sync_core.host import Intent
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_demo import Emulator
from notion_sync_demo.build import block
from notion_sync_fleet.folder import FolderPlace
from notion_sync_fleet.vault import Intents, Place, Vault, fence_of


@pytest.fixture
def vault(place: Place) -> Vault:
    return Vault(place)


def written(path: Path, *words: str) -> sqlite3.Connection:
    """A database that is still open: what was committed lies in its log."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE IF NOT EXISTS said (word)")
    database.executemany("INSERT INTO said VALUES (?)", [(word,) for word in words])
    database.commit()
    return database


def words(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [word for (word,) in database.execute("SELECT word FROM said ORDER BY word")]


def intent(path: str) -> Intent:
    return Intent("fs", path, "", "", "", "0" * 64, False)


def test_what_was_committed_to_the_state_comes_back(vault: Vault, tmp_path: Path) -> None:
    with closing(written(tmp_path / "one", "hello", "world")):
        vault.store(7, tmp_path / "one")
    vault.fetch(7, tmp_path / "two", tmp_path / "rows")
    assert words(tmp_path / "two") == ["hello", "world"]
    assert not (tmp_path / "rows").exists()
    assert sorted(each.name for each in tmp_path.iterdir() if "part" in each.name) == []


def test_rows_of_a_history_go_with_it(vault: Vault, tmp_path: Path) -> None:
    with closing(written(tmp_path / "state", "state")), closing(written(tmp_path / "history", "rows")):
        vault.store(7, tmp_path / "state", tmp_path / "history")
    vault.fetch(7, tmp_path / "two", tmp_path / "rows")
    assert (words(tmp_path / "two"), words(tmp_path / "rows")) == (["state"], ["rows"])


def test_a_job_that_never_ran_has_no_state(vault: Vault, tmp_path: Path) -> None:
    vault.fetch(0, tmp_path / "state", tmp_path / "rows")
    assert not (tmp_path / "state").exists()


def test_a_turn_that_was_refused_changes_nothing_of_what_counts(vault: Vault, tmp_path: Path) -> None:
    for fence, word in ((1, "counts"), (2, "was refused")):
        with closing(written(tmp_path / word, word)):
            vault.store(fence, tmp_path / word)
    vault.fetch(1, tmp_path / "two", tmp_path / "rows")
    assert words(tmp_path / "two") == ["counts"]


@pytest.mark.parametrize("harm", ["cut", "swap", "remove"])
def test_a_state_that_is_damaged_is_named_and_nothing_is_left_of_it(
    vault: Vault, place: Place, tmp_path: Path, harm: str
) -> None:
    with closing(written(tmp_path / "one", *map(str, range(5000)))):
        vault.store(3, tmp_path / "one")
    path = f"state/{3:012}.sqlite.zst"
    if harm == "remove":
        place.remove(path)
    else:
        place.put(path, [b"".join(place.get(path))[:-20] if harm == "cut" else b"no such thing"])
    with pytest.raises(StateError, match="the vault is damaged"):
        vault.fetch(3, tmp_path / "two", tmp_path / "rows")
    assert not list(tmp_path.glob("two*"))


def test_intents_are_those_of_turns_since_the_state_in_their_order(place: Place) -> None:
    for fence in (2, 3, 10, 4):
        log = Intents(place, 2, fence)
        log.note([intent(f"{fence} a"), intent(f"{fence} b")])
        log.note([intent(f"{fence} c")])
    left = [each.path for each in Intents(place, 2, 10).left()]
    assert left == [f"{fence} {letter}" for fence in (3, 4) for letter in "abc"]


def test_what_no_turn_asks_for_any_more_is_swept(vault: Vault, place: Place, tmp_path: Path) -> None:
    with closing(written(tmp_path / "one", "x")):
        for fence in (1, 2, 3):
            Intents(place, 0, fence).note([intent("a")])
            vault.store(fence, tmp_path / "one", tmp_path / "one")
    place.put("versions/ab/" + "ab" * 32, [b"not of the vault's own"])
    assert vault.sweep(2) == 4
    assert sorted(each for each in place.paths("") if fence_of(each)) == [
        f"history/{2:012}.sqlite.zst", f"history/{3:012}.sqlite.zst", f"intents/{3:012}/00000001.jsonl",
        f"state/{2:012}.sqlite.zst", f"state/{3:012}.sqlite.zst",
    ]  # fmt: skip
    assert vault.sweep(2) == 0
    assert len(list(place.paths("versions/"))) == 1


def test_what_is_half_written_is_not_there(place: Place) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        place.put("state/x", breaks_off())
    assert not list(place.paths(""))
    if isinstance(place, FolderPlace):
        assert not [each for each in place.root.rglob("*") if each.is_file()]


def test_what_was_put_comes_back_and_what_was_removed_does_not(place: Place) -> None:
    large = b"0123456789" * 100_000
    place.put("versions/ab/x", [large[:7], large[7:]])
    place.put("versions/ab/y", [])
    assert sha256(b"".join(place.get("versions/ab/x"))).digest() == sha256(large).digest()
    assert list(place.get("versions/ab/y")) == []
    assert sorted(place.paths("versions/")) == ["versions/ab/x", "versions/ab/y"]
    place.remove("versions/ab/x")
    place.remove("versions/ab/x")
    assert list(place.paths("")) == ["versions/ab/y"]
    with pytest.raises(FileNotFoundError):
        list(place.get("versions/ab/x"))


def test_a_disk_that_is_away_is_no_fault_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SinkError, match="cannot be used"):
        FolderPlace(tmp_path / "file").put("state/x", [b"x"])


def test_a_machine_that_is_lost_between_two_turns_freezes_no_page(
    server: Emulator, place: Place, tmp_path: Path
) -> None:
    """Turns on machines that have nothing: the second writes a page and is lost, the third goes on."""
    bench, vault = Bench(server, tmp_path), Vault(place)
    page = bench.space.add_page(None, "Log", [block("paragraph", "first")])
    job_id = ""
    for fence, text in ((1, ""), (2, "second"), (3, "third")):
        if text:
            bench.space.append_block(page, block("paragraph", text))
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        clock, is_lost = SystemClock(), fence == 2

        def heard(event: Event, clock: SystemClock = clock, is_lost: bool = is_lost) -> None:
            if is_lost and isinstance(event, SinkWrote):
                clock.stop(15)

        job = evolve(bench.job(export__id="docs", history__enabled=False))
        folder = job.folder()
        job_id = job.id
        vault.fetch(min(fence - 1, 1), folder / "state.sqlite", folder / "history.sqlite")
        host = Host(intents=Intents(place, min(fence - 1, 1), fence))
        report = run(evolve(job, host=host), Options(mode="sync"), (heard,), clock)
        assert report.status == ("interrupted" if is_lost else "complete")
        if not is_lost:
            vault.store(fence, folder / "state.sqlite")
    assert job_id == "docs"
    assert report.artifacts.kept_edits == 0
    assert b"third" in (bench.out / "Log.md").read_bytes()
    assert tree(bench.out) == bench.fresh(history__enabled=False)


def on_an_empty_machine(bench: Bench, vault: Vault, fence: int) -> tuple[Report, int]:
    """A turn, begun with what the one before it left in the vault; and how many versions and files it brought there."""
    shutil.rmtree(bench.folder / "state", ignore_errors=True)
    job = bench.job(export__id="docs", history__enabled=True)
    folder, history = job.folder(), job.history_folder()
    history.mkdir(parents=True)
    vault.fetch(fence - 1, folder / "state.sqlite", history / "history.sqlite")
    report = run(evolve(job, host=Host(versions=vault.held)), Options(mode="sync"))
    brought = carry(folder, history, vault.place.put, bench.folder / "rows")
    vault.store(fence, folder / "state.sqlite", bench.folder / "rows")
    (bench.folder / "rows").unlink()
    return report, brought


def test_a_job_goes_from_machine_to_machine_by_its_vault_alone(server: Emulator, place: Place, tmp_path: Path) -> None:
    bench, vault = Bench(server, tmp_path), Vault(place)
    page = bench.space.add_page(None, "Log", [block("paragraph", "on the first machine")])
    report, brought = on_an_empty_machine(bench, vault, 1)
    assert (report.status, report.objects.unchanged) == ("complete", 0)
    assert brought >= report.objects.read
    before = bench.requests()
    report, brought = on_an_empty_machine(bench, vault, 2)
    assert (report.status, report.objects.read, brought) == ("complete", 0, 0)
    quiet = bench.requests() - before
    bench.space.append_block(page, block("paragraph", "on the third machine"))
    report, brought = on_an_empty_machine(bench, vault, 3)
    assert (report.status, report.objects.read, brought) == ("complete", 1, 1)
    assert bench.requests() - before - quiet < 2 * quiet
    assert tree(bench.out) == bench.fresh()


def test_what_the_rows_hold_grows_with_what_changed_and_not_with_what_is_kept(server: Emulator, tmp_path: Path) -> None:
    """Small versions lie beside the rows on a machine; in a vault they do not, or each turn would store all of them."""
    bench, place = Bench(server, tmp_path), FolderPlace(tmp_path / "vault" / "docs")
    for number in range(40):
        bench.space.add_page(None, f"Leaf {number:02}", [block("paragraph", str(uuid4())) for _ in range(100)])
    on_an_empty_machine(bench, Vault(place), 1)
    rows = (place.root / "history" / f"{1:012}.sqlite.zst").stat().st_size
    kept = sum(path.stat().st_size for path in (place.root / "versions").rglob("*") if path.is_file())
    assert rows < kept / 5
