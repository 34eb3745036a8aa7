"""A history's copy in a bucket: complete after each run, fetched where a machine was lost, erased as the original."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from conftest import Bench, tree
from history.as_it_was import as_of, files
from notion_sync_core.cli.status import _lines, look
from notion_sync_core.errors import Exit
from notion_sync_core.history import blobs, erasing
from notion_sync_core.history.blobs import SMALL
from notion_sync_core.history.compression import zstd
from notion_sync_core.history.condition import condition
from notion_sync_core.history.copying import LIST, Copying
from notion_sync_core.history.elsewhere import copy_of
from notion_sync_core.history.keeping import History
from notion_sync_core.history.looking import kept
from notion_sync_core.mistakes import mistakes
from notion_sync_demo.build import block
from plugins.s3_bench import Bucket

CANARY = "xq7canary"


def given_of(bucket: Bucket, **more: Any) -> dict[str, Any]:
    """Settings of a job whose versions are copied into the bucket."""
    store = {"history.store": f"s3://{bucket.name}/versions", "plugins.s3.endpoint_url": bucket.proxy.url}
    return {**store, "export.max_delete": 1.0, **more}


def there(bucket: Bucket) -> set[str]:
    """What the copy holds, without the job's id and without locks."""
    names = [name.split("/", 2)[2] for name in bucket.contents(prefix="") if name.startswith("versions/")]
    return {name for name in names if not name.startswith(".notion-sync/")}


def expected(bench: Bench, **given: Any) -> set[str]:
    """What it should hold."""
    with kept(bench.job(**given)) as found:
        names = {f"versions/{sha256[:2]}/{sha256}" for sha256 in found.store.hashes()}
        shown = {row[0] for row in found.store.rows("SELECT sha256 FROM asset")}
    return names | {f"files/{sha256[:2]}/{sha256}" for sha256 in shown} | {LIST}


@contextmanager
def history(bench: Bench, **given: Any) -> Iterator[History]:
    job = bench.job(**given)
    state, mirror = job.open_state(), job.open_mirror()
    with closing(state), closing(mirror), closing(History(job.history_folder(), state, mirror)) as found:
        yield found


@pytest.mark.parametrize("small", [0, SMALL], ids=["files", "beside the rows"])
def test_a_machine_that_is_lost_is_no_history_lost(
    bench: Bench, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(blobs, "SMALL", small)
    given = given_of(bucket)
    trees = []
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Notes")
    for round_ in range(3):
        bench.good(**given)
        trees.append(files(bench.out))
        assert there(bucket) == expected(bench, **given)
        bench.space.append_block(page, block("paragraph", f"Round {round_}"))
    shutil.rmtree(bench.folder / "state")
    report = bench.good(**given)
    assert any("fetched from its copy" in each["message"] for each in report.warnings)
    trees.append(files(bench.out))
    assert [as_of(bench, str(run), f"old-{run}", **given) for run in (1, 2, 3, 4)] == trees
    assert there(bucket) == expected(bench, **given)


def test_a_run_in_which_nothing_changed_asks_nothing_there(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    bench.good(**given)
    bucket.proxy.clear()
    bench.good(**given)
    assert bucket.proxy.requests == []


def test_numbers_of_runs_go_on_where_state_and_sink_were_lost_as_well(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket, **{"export.id": "handbook"})
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Notes")
    bench.good(**given)
    first = files(bench.out)
    bench.space.append_block(page, block("paragraph", "More"))
    bench.good(**given)
    second = files(bench.out)
    shutil.rmtree(bench.folder / "state")
    shutil.rmtree(bench.out)
    bench.space.append_block(page, block("paragraph", "And more"))
    bench.good(**given)
    assert as_of(bench, "1", "old-1", **given) == first
    assert as_of(bench, "2", "old-2", **given) == second
    assert as_of(bench, "3", "old-3", **given) == files(bench.out)


def test_what_is_forgotten_and_erased_goes_there_too(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    page = bench.space.add_page(None, f"Secret {CANARY}", [block("paragraph", f"Body {CANARY}")])
    bench.good(**given)
    bench.space.trash(page)
    bench.good(**given)
    assert told(bucket, CANARY)
    job = bench.job(**given)
    with history(bench, **given) as found:
        erasing.erase(found, page)
        copy = copy_of(job)
        assert copy is not None
        with closing(copy):
            copy.open("erasing")
            Copying(found, copy).push()
    assert not told(bucket, CANARY)
    assert there(bucket) == expected(bench, **given)


def told(bucket: Bucket, word: str) -> list[str]:
    """Names of what holds a word."""
    found = []
    for name, content in bucket.contents(prefix="").items():
        raw = zstd.decompress(content) if content.startswith(b"\x28\xb5\x2f\xfd") else content
        if word.encode() in raw:
            found.append(name)
    return found


def test_a_copy_that_cannot_be_written_ends_the_run_with_all_else_done(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    bench.good(**given)
    bench.space.add_page(None, "One more", [block("paragraph", "Words")])
    for name in [*bucket.contents(prefix=""), *locks(bucket)]:
        damaged(bucket, name, None)
    bucket.client.delete_bucket(Bucket=bucket.name)
    report = bench.run(**given)
    assert report.exit_code == Exit.SINK
    assert report.error is not None
    assert bucket.name in report.error.message
    assert files(bench.out) == files_of(bench)
    bucket.client.create_bucket(Bucket=bucket.name)
    bench.good(**given)
    assert there(bucket) == expected(bench, **given)


def test_a_history_does_not_begin_anew_while_nobody_knows_what_its_copy_holds(bench: Bench, bucket: Bucket) -> None:
    bucket.client.delete_bucket(Bucket=bucket.name)
    report = bench.run(**given_of(bucket))
    assert report.exit_code == Exit.SINK
    assert not bench.out.exists() or not files(bench.out)


def locks(bucket: Bucket) -> list[str]:
    """Objects that :meth:`Bucket.contents` leaves out."""
    return [each["Key"] for each in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", ())]


def files_of(bench: Bench) -> dict[str, bytes]:
    """The tree of an export without history."""
    tree_ = bench.fresh(**{"history.enabled": False})
    return {path: content for path, content in tree_.items() if not path.startswith(".notion-sync/")}


def damaged(bucket: Bucket, name: str, content: bytes | None) -> None:
    """Put other bytes, or nothing, in the place of an object."""
    if content is None:
        bucket.client.delete_object(Bucket=bucket.name, Key=name)
    else:
        bucket.put(name, content)


def test_a_damaged_copy_is_refused_and_nothing_is_taken(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    bench.good(**given)
    names = [name for name in bucket.contents(prefix="") if name.startswith("versions/")]
    victims = [next(name for name in names if f"/{kind}" in name) for kind in ("versions/", "files/", LIST)]
    for victim in victims:
        whole = bucket.contents(prefix="")[victim]
        for damage in (b"", whole[: len(whole) // 2], b"nonsense", None):
            damaged(bucket, victim, damage)
            shutil.rmtree(bench.folder / "state")
            report = bench.run(**given)
            if victim.endswith(LIST) and damage is None:
                continue  # without its list it is no copy: history begins anew
            assert report.exit_code == Exit.STATE, (victim, damage)
            assert report.error is not None
            assert "copy of the history is damaged" in report.error.message
            damaged(bucket, victim, whole)
    assert tree(bench.out)


def test_a_copy_never_lies_where_pages_are_published(bench: Bench, bucket: Bucket) -> None:
    sink = {"use": "s3", "bucket": bucket.name, "prefix": "", "endpoint_url": bucket.proxy.url}
    report = bench.run(**given_of(bucket, **{"export.sinks": [sink]}))
    assert report.exit_code == Exit.USAGE
    assert report.error is not None
    assert "lie one in the other" in report.error.message


def test_a_scheme_that_no_sink_knows_is_told_before_anything_is_read(bench: Bench) -> None:
    given = {"history.store": "gopher://hole/versions"}
    report = bench.run(**given)
    assert report.exit_code == Exit.USAGE
    assert report.error is not None
    assert report.error.message == "history.store: no sink for gopher:// is installed"
    assert [each.message for each in mistakes(bench.job(**given))] == [report.error.message]
    assert bench.requests() == 0


def said_of(bench: Bench, **given: Any) -> tuple[str, str]:
    """What ``doctor`` says of the history and its copy, and ``status``."""
    found = condition(bench.job(**given))
    words = found if isinstance(found, str) else f"{found.message} -> {found.remedy}"
    return words, " ".join(_lines(look(bench.job(**given))))


def test_doctor_and_status_say_how_far_the_copy_is(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    bench.good(**{**given, "history.store": ""})
    place = f"s3://{bucket.name}/versions"
    for words in said_of(bench, **given):
        assert f"there is no copy in {place} yet" in words
    bench.good(**given)
    for words in said_of(bench, **given):
        assert f"the copy in {place}/{bench.job(**given).id}" in words
        assert "and lacks nothing" in words
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Notes")
    bench.space.append_block(page, block("paragraph", "More"))
    bench.good(**{**given, "history.store": ""})
    for words in said_of(bench, **given):
        assert "lacks 1 version or files" in words
    assert "-> The next run brings it up to date" in said_of(bench, **given)[0]


def test_doctor_says_that_the_copy_is_gone_or_cannot_be_reached(bench: Bench, bucket: Bucket) -> None:
    given = given_of(bucket)
    bench.good(**given)
    for name in list(bucket.contents(prefix="")):
        bucket.client.delete_object(Bucket=bucket.name, Key=name)
    assert "but there is none there now -> The next run makes it anew" in said_of(bench, **given)[0]
    gone = {**given, "history.store": f"s3://{bucket.name}-gone/versions"}
    words = said_of(bench, **gone)[0]
    assert f"there is no copy in s3://{bucket.name}-gone/versions yet; it cannot be reached: " in words
