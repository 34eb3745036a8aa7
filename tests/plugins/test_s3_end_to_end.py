"""Whole runs into a bucket: the same files as in a folder, through kills, changes and lost state."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core import pipeline
from notion_sync_core.errors import Exit
from notion_sync_core.inspection import inspect, repair
from notion_sync_demo import Emulator, generate
from notion_sync_demo.build import block
from plugins.s3_bench import Bucket

pytestmark = pytest.mark.campaign  # what it runs others measure


def to_bucket(bucket: Bucket, **options: Any) -> dict[str, Any]:
    """Settings of a job that writes to the bucket."""
    table = {"use": "s3", "bucket": bucket.name, "prefix": "docs", "endpoint_url": bucket.proxy.url, **options}
    return {"export__sinks": [table]}


def tree_of(bucket: Bucket) -> dict[str, bytes]:
    """As ``conftest.tree`` of a folder: without what differs between jobs."""
    return {
        # The manifest's first line names the job.
        name: content.partition(b"\n")[2] if name.endswith("manifest.jsonl") else content
        for name, content in bucket.contents().items()
    }


def written(bucket: Bucket) -> list[str]:
    """What was uploaded, but for locks."""
    return [path for method, path in bucket.proxy.requests if method == "PUT" and "/lock/" not in path]


def test_a_bucket_holds_the_same_files_as_a_folder_and_a_second_run_uploads_nothing(
    bench: Bench, bucket: Bucket
) -> None:
    report = bench.good(**to_bucket(bucket))
    assert report.artifacts.written > 40
    assert report.sinks == [f"s3://{bucket.name}/docs at {bucket.proxy.url}"]
    assert tree_of(bucket) == bench.fresh()
    bucket.proxy.clear()
    again = bench.good(**to_bucket(bucket))
    assert again.artifacts.written == 0
    assert written(bucket) == []
    # Two of them find out which job it is: a listing and the first line of the manifest.
    assert len(bucket.proxy.requests) <= 12


def test_folder_and_bucket_in_one_job_are_equal(bench: Bench, bucket: Bucket) -> None:
    sinks = ["fs", *to_bucket(bucket)["export__sinks"]]
    bench.good(export__sinks=sinks, **{"plugins.fs.path": str(bench.out)})
    names = {path.relative_to(bench.out).as_posix() for path in bench.out.rglob("*") if path.is_file()}
    assert names - {".notion-sync/lock"} == bucket.contents().keys()
    assert tree_of(bucket) == bench.fresh()


def test_a_helper_process_stages_what_the_first_one_uploads(
    bench: Bench, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MANY", 1)
    bench.good(**to_bucket(bucket))
    assert tree_of(bucket) == bench.fresh()


def test_changes_moves_and_deletions_arrive(bench: Bench, bucket: Bucket) -> None:
    bench.good(**to_bucket(bucket))
    pages = {bench.space.title(page): page for page in bench.space.pages}
    bench.space.append_block(pages["Safety"], block("paragraph", "Wear gloves."))
    bench.space.rename(pages["Workshop"], "Atelier")
    bench.space.trash(pages["Notes"])
    bucket.proxy.clear()
    report = bench.good(**to_bucket(bucket))
    assert report.artifacts.deleted > 0
    assert bucket.proxy.count("POST", "delete") == 2  # the last run's lock, and all that is gone
    assert tree_of(bucket) == bench.fresh()


def test_an_edit_in_the_bucket_is_kept_and_a_vanished_object_made_again(bench: Bench, bucket: Bucket) -> None:
    bench.good(**to_bucket(bucket))
    names = bucket.contents()
    edited = next(name for name in names if name.endswith("Safety.md"))
    vanished = next(name for name in names if name.startswith("assets/"))
    bucket.put(f"docs/{edited}", b"mine now")
    bucket.client.delete_object(Bucket=bucket.name, Key=f"docs/{vanished}")
    report = bench.good(**to_bucket(bucket))
    assert report.artifacts.kept_edits == 1
    assert bucket.contents() == {**names, edited: b"mine now"}


def test_lost_state_is_adopted_from_the_manifest_in_the_bucket(bench: Bench, bucket: Bucket) -> None:
    bench.good(**to_bucket(bucket))
    shutil.rmtree(bench.folder / "state")
    bucket.proxy.clear()
    report = bench.good(**to_bucket(bucket))
    assert any("adopted" in item["message"] for item in report.warnings)
    assert written(bucket) == []


def test_a_bucket_of_another_job_is_refused(bench: Bench, bucket: Bucket) -> None:
    bench.good(**to_bucket(bucket))
    report = bench.run(**to_bucket(bucket), export__roots=[next(iter(bench.space.pages))])
    assert report.exit_code == Exit.STATE


@pytest.mark.usefixtures("hurried")
def test_a_run_with_faults_in_between_loses_nothing(bench: Bench, bucket: Bucket) -> None:
    for skip in range(0, 200, 9):
        kind = ("lost", "reset", "answer")[skip % 3]
        bucket.proxy.add(kind, method="PUT", path="md|assets", skip=skip, status=503, code="SlowDown")
    bench.good(**to_bucket(bucket))
    assert tree_of(bucket) == bench.fresh()


# -- processes


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Bench]:
    with Emulator(generate(60, seed=5)) as emulator:
        yield Bench(emulator, tmp_path)


def start(bench: Bench, bucket: Bucket, state: str = "state", *more: str) -> subprocess.Popen[bytes]:
    command = [
        *(sys.executable, "-m", "notion_sync_core", "sync", "--to", f"s3://{bucket.name}/docs", "--quiet"),
        *("--set", f"deployment.state_dir={bench.folder / state}"),
        *("--set", f"notion.base_url={bench.emulator.url}"),
        *("--set", "performance.requests=0"),
        *("--set", f"plugins.s3.endpoint_url={bucket.proxy.url}"),
        *more,
    ]
    environ = {**os.environ, "NOTION_TOKEN": bench.emulator.token}
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors.decode()


@pytest.mark.campaign
def test_kills_in_the_middle_of_uploads_leave_nothing_half_and_the_next_run_goes_on_at_once(
    pages: Bench, bucket: Bucket
) -> None:
    expected = pages.fresh()
    killed = 0
    for uploads in (1, 8, 12, 16):
        bucket.proxy.clear()
        # Slow enough to be caught in the middle.
        bucket.proxy.add("slow", method="PUT", path="/docs/[^.]", times=0, seconds=0.02)
        process = start(pages, bucket)
        while len(written(bucket)) < uploads and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        for name, content in tree_of(bucket).items():
            assert content == expected[name], f"{name} is torn"
    assert killed == 4
    bucket.proxy.clear()
    assert finish(start(pages, bucket)) == (0, "")
    assert tree_of(bucket) == expected


def test_of_two_runs_at_once_one_goes_on_and_the_other_exits_5_and_says_who_holds_the_lock(
    pages: Bench, bucket: Bucket
) -> None:
    pages.emulator.latency_s = 0.05
    first = start(pages, bucket)
    while not bucket.proxy.count("PUT", "lock/0000000001") and first.poll() is None:
        time.sleep(0.01)
    while pages.requests() < 3 and first.poll() is None:
        time.sleep(0.01)
    with pages.emulator.lock:  # the first has no answer before the second has ended
        status, errors = finish(start(pages, bucket, "other-state"))
    pages.emulator.latency_s = 0.0
    assert (status, f"process {first.pid}" in errors) == (Exit.LOCKED, True), errors
    assert finish(first) == (0, "")
    assert tree_of(bucket) == pages.fresh()


def test_a_signal_gives_the_lock_back(pages: Bench, bucket: Bucket) -> None:
    pages.emulator.latency_s = 0.05
    process = start(pages, bucket)
    while pages.requests() < 5 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    status, _ = finish(process)
    assert status == Exit.TERMINATED
    lock = bucket.client.get_object(Bucket=bucket.name, Key="docs/.notion-sync/lock/0000000001")["Body"].read()
    assert b'"released":true' in lock


def test_a_wrong_key_exits_4_and_a_missing_bucket_6(
    pages: Bench, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.proxy.add("answer", status=403, code="SignatureDoesNotMatch", times=0)
    status, errors = finish(start(pages, bucket))
    assert (status, "SKTESTSKTEST" in errors) == (Exit.NOT_AUTHORISED, False)
    bucket.proxy.clear()
    bucket.client.delete_bucket(Bucket=bucket.name)
    status, errors = finish(start(pages, bucket))
    assert status == Exit.SINK
    assert "Make the bucket first" in errors


def test_check_finds_damage_in_a_bucket_and_mends_it_from_the_mirror(bench: Bench, bucket: Bucket) -> None:
    job = bench.job(**to_bucket(bucket))
    bench.good(**to_bucket(bucket))
    before = bucket.contents()
    assert inspect(job, read_data=True).findings == []
    pages = sorted(key for key in before if key.endswith(".md"))
    bucket.put(f"docs/{pages[0]}", b"mine")
    bucket.client.delete_object(Bucket=bucket.name, Key=f"docs/{pages[1]}")
    bucket.put("docs/stray.txt", b"not ours")
    found = {(finding.kind, finding.where) for finding in inspect(job).findings}
    assert found == {("changed", f"s3: {pages[0]}"), ("missing", f"s3: {pages[1]}"), ("stray", "s3: stray.txt")}
    asked = bench.requests()
    assert not repair(job).damaged
    after = bucket.contents()
    assert after.pop("stray.txt") == b"not ours"
    assert after.pop(f".notion-sync/replaced/{pages[0]}") == b"mine"
    assert after == before
    assert bench.requests() == asked
