"""Where a vault is; and a bucket that breaks is away, or answers after all."""

from __future__ import annotations

from pathlib import Path

import pytest

from notion_sync_core.plugin import ConfigError, SinkError
from notion_sync_fleet.bucket import BucketPlace
from notion_sync_fleet.places import place_of
from plugins.s3_server import FaultProxy


@pytest.mark.parametrize(
    "vault", ["there", "s3://", "s3:///x", "s3://b/../c", "gs://b/c", "s3://b/\x00", "s3://k:s@b/c"]
)
def test_what_is_no_place_is_refused_and_not_repeated(vault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place_of(vault, "docs")
    assert vault not in caught.value.message.replace("s3://BUCKET/PREFIX", "")


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    """What a turn left there nobody else would see."""
    with pytest.raises(SinkError, match="not there"):
        place_of(str(tmp_path / "vault"), "docs")
    assert not (tmp_path / "vault").exists()


@pytest.mark.parametrize("job", ["", "..", "a/b", "-a", "a" * 65, "a\n"])
def test_a_job_whose_name_would_lead_elsewhere_is_refused(job: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a job"):
        place_of(str(tmp_path), job)


def bucket(url: str) -> BucketPlace:
    found = place_of(url, "docs")
    assert isinstance(found, BucketPlace)
    return found


def test_jobs_of_one_bucket_do_not_see_each_other(bucket_url: str) -> None:
    bucket(bucket_url).put("state/x", [b"x"])
    assert list(place_of(bucket_url, "doc").paths("")) == []
    assert list(place_of(bucket_url, "docs").paths("")) == ["state/x"]


@pytest.mark.parametrize("kind", ["answer", "reset"])
def test_a_bucket_that_fails_once_is_asked_again(bucket_url: str, s3_proxy: FaultProxy, kind: str) -> None:
    place = bucket(bucket_url)
    for method in ("PUT", "GET"):
        s3_proxy.add(kind, method=method, path="state/x")
    place.put("state/x", [b"whole"])
    assert b"".join(place.get("state/x")) == b"whole"
    assert [fault.hits for fault in s3_proxy.faults] == [2, 2]


def test_a_body_that_breaks_off_goes_on_where_it_did(bucket_url: str, s3_proxy: FaultProxy) -> None:
    place = bucket(bucket_url)
    place.put("state/x", [bytes(range(256)) * 4000])
    fault = s3_proxy.add("short", method="GET", path="state/x")
    assert b"".join(place.get("state/x")) == bytes(range(256)) * 4000
    assert fault.hits == 2


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (404, "NoSuchBucket"), (400, "ExpiredToken")])
def test_a_bucket_that_refuses_is_away_and_no_fault_of_the_job(
    bucket_url: str, s3_proxy: FaultProxy, status: int, code: str
) -> None:
    place = bucket(bucket_url)
    s3_proxy.add("answer", times=0, status=status, code=code)
    for refused in (
        lambda: place.put("state/x", [b"x"]),
        lambda: list(place.get("state/x")),
        lambda: list(place.paths("")),
        lambda: place.remove("state/x"),
    ):
        with pytest.raises(SinkError) as caught:
            refused()
        assert "docs/ cannot be used" in caught.value.message
        assert not any(secret in str(caught.value) for secret in ("AKTEST", "SKTEST"))
