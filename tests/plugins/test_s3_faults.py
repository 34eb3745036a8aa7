"""Each fault of a store has one outcome: nothing lost, or the run stops with a reason and a remedy."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from notion_sync_core.errors import Exit, FatalError, LockedError, NotAuthorisedError, SinkError, UnreachableError
from notion_sync_core.plugins.sink import Sink
from plugins.s3_bench import Bucket, put, read

pytestmark = pytest.mark.campaign  # what it runs others measure

MIB = 1 << 20
LARGE = bytes(range(256)) * (11 * MIB // 256)
TRANSIENT: dict[str, dict[str, Any]] = {
    "slow down": {"kind": "answer", "status": 503, "code": "SlowDown"},
    "slow down, with a time": {"kind": "answer", "status": 503, "code": "SlowDown", "headers": {"Retry-After": "1"}},
    "too many requests": {"kind": "answer", "status": 429, "code": "TooManyRequests"},
    "internal error": {"kind": "answer", "status": 500, "code": "InternalError"},
    "gateway's page in HTML": {"kind": "answer", "status": 502, "body": "<html>Bad Gateway</html>"},
    "gateway time-out without a body": {"kind": "answer", "status": 504, "body": " "},
    "service unavailable": {"kind": "answer", "status": 503, "code": "ServiceUnavailable"},
    "reset": {"kind": "reset"},
    "answer lost": {"kind": "lost"},
    "answer cut short": {"kind": "short", "method": "GET"},
    "slower than we wait": {"kind": "slow", "seconds": 0.8},
    "conflict": {"kind": "answer", "status": 409, "code": "OperationAborted"},
    "conditional conflict": {"kind": "answer", "status": 409, "code": "ConditionalRequestConflict", "method": "PUT"},
    "body damaged on its way": {"kind": "answer", "status": 400, "code": "BadDigest", "method": "PUT"},
    "body cut short on its way": {"kind": "answer", "status": 400, "code": "IncompleteBody", "method": "PUT"},
    "store timed out": {"kind": "answer", "status": 400, "code": "RequestTimeout", "method": "PUT"},
    "not XML": {"kind": "answer", "status": 200, "body": "<html>sign in</html", "method": "GET", "path": "list-type"},
}


def everything(hooks: Sink) -> None:
    """One of each: open, small and large files, read, delete, close."""
    hooks.open("run")
    try:
        put(hooks, "small.md", b"small")
        put(hooks, "large.bin", LARGE)
        put(hooks, "gone.md", b"gone")
        hooks.flush()
        assert read(hooks, "small.md") == b"small"
        assert read(hooks, "large.bin") == LARGE
        hooks.delete("gone.md")
        hooks.flush()
    finally:
        hooks.close()


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", TRANSIENT)
def test_a_transient_fault_at_every_kind_of_request_loses_nothing(bucket: Bucket, name: str) -> None:
    spec = TRANSIENT[name]
    methods = [spec["method"]] if "method" in spec else ["GET", "PUT", "POST", "DELETE"]
    faults = [
        bucket.proxy.add(**{"times": 1, "skip": skip, **spec, "method": method})
        for method in methods
        for skip in (0, 2, 5)
    ]
    everything(
        bucket.hooks(multipart_mib=5, part_mib=5, timeout_s=0.5 if spec["kind"] == "slow" else 60.0, max_attempts=20)
    )
    assert bucket.contents() == {"small.md": b"small", "large.bin": LARGE}
    bucket.proxy.clear()
    hooks = bucket.hooks()
    hooks.open("next")  # ends an upload whose beginning was answered to nobody
    hooks.close()
    assert bucket.uploads() == []
    assert sum(fault.hits > fault.skip for fault in faults) >= 2


PERMANENT: dict[str, tuple[dict[str, Any], type[FatalError], Exit, str, str]] = {
    "no permission": (
        {"status": 403, "code": "AccessDenied"},
        NotAuthorisedError,
        Exit.NOT_AUTHORISED,
        "AccessDenied: planned",
        "s3:PutObject",
    ),
    "unknown key": (
        {"status": 403, "code": "InvalidAccessKeyId"},
        NotAuthorisedError,
        Exit.NOT_AUTHORISED,
        "InvalidAccessKeyId",
        "AWS_ACCESS_KEY_ID",
    ),
    "wrong secret": (
        {"status": 403, "code": "SignatureDoesNotMatch"},
        NotAuthorisedError,
        Exit.NOT_AUTHORISED,
        "SignatureDoesNotMatch",
        "AWS_SECRET_ACCESS_KEY",
    ),
    "expired credentials": (
        {"status": 400, "code": "ExpiredToken"},
        NotAuthorisedError,
        Exit.NOT_AUTHORISED,
        "ExpiredToken",
        "AWS_PROFILE",
    ),
    "no such bucket": (
        {"status": 404, "code": "NoSuchBucket"},
        SinkError,
        Exit.SINK,
        "NoSuchBucket",
        "Make the bucket",
    ),
    "another region": (
        {"status": 400, "code": "AuthorizationHeaderMalformed", "headers": {"x-amz-bucket-region": "eu-west-3"}},
        SinkError,
        Exit.SINK,
        "AuthorizationHeaderMalformed",
        "set region = 'eu-west-3'",
    ),
    "a region nobody names": (
        {"status": 400, "code": "IllegalLocationConstraintException"},
        SinkError,
        Exit.SINK,
        "IllegalLocation",
        "set region.",
    ),
    "a wrong clock": (
        {"status": 403, "code": "RequestTimeTooSkewed", "headers": {"Date": "Wed, 01 Jan 2020 00:00:00 GMT"}},
        SinkError,
        Exit.SINK,
        r"this machine's clock is \d+ s ahead",
        "Set this machine's clock",
    ),
    "a wrong clock, and no word of the right one": (
        {"status": 403, "code": "RequestTimeTooSkewed"},
        SinkError,
        Exit.SINK,
        "did not tell its time",
        "Set this machine's clock",
    ),
    "a full store": (
        {"status": 507, "code": "QuotaExceeded"},
        SinkError,
        Exit.SINK,
        "QuotaExceeded",
        "Free some space",
    ),
    "a disabled key": ({"status": 400, "code": "KMS.DisabledException"}, SinkError, Exit.SINK, "KMS", "kms_key_id"),
    "an archived object": (
        {"status": 403, "code": "InvalidObjectState"},
        NotAuthorisedError,
        Exit.NOT_AUTHORISED,
        "InvalidObjectState",
        "s3:",
    ),
    "something new": ({"status": 418, "code": "Teapot"}, SinkError, Exit.SINK, "Teapot", "Look up this code"),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("request_", ["list-type", "lock/0000000001", "small.md"])
@pytest.mark.parametrize("name", PERMANENT)
def test_a_permanent_fault_stops_the_run_with_a_remedy(bucket: Bucket, name: str, request_: str) -> None:
    answer, error, status, message, remedy = PERMANENT[name]
    bucket.proxy.add("answer", path=request_, times=0, **answer)
    with pytest.raises(error, match=message) as raised:
        everything(bucket.hooks())
    assert raised.value.exit_code == status
    assert remedy in raised.value.remedy
    assert "SKTESTSKTEST" not in str(raised.value)
    assert bucket.contents().keys() <= {"large.bin", "gone.md"}
    # Refusals are not repeated, but for the one with a region in it, which boto3 follows once.
    refused = [where for _, where in bucket.proxy.requests if request_ in where]
    assert len(refused) <= 3


@pytest.mark.usefixtures("hurried")
def test_a_store_that_is_down_from_the_start_is_given_up_with_status_7(bucket: Bucket) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError) as raised:
        bucket.hooks(endpoint_url=f"http://127.0.0.1:{port}", max_attempts=3).open("run")
    assert raised.value.exit_code == Exit.NETWORK
    assert "Check the network" in raised.value.remedy


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("kind", ["reset", "answer"])
def test_a_store_that_goes_down_stops_the_run_and_the_next_goes_on(bucket: Bucket, kind: str) -> None:
    bucket.proxy.add(kind, method="PUT", path=r"page|lock", skip=4, times=0, status=503, code="ServiceUnavailable")
    hooks = bucket.hooks(max_attempts=6, uploads=2)
    hooks.open("run")
    for number in range(20):
        put(hooks, f"page{number}.md")
    with pytest.raises(FatalError) as raised:
        hooks.flush()
    assert raised.value.exit_code in (Exit.NETWORK, Exit.SINK)
    hooks.close()
    bucket.proxy.clear()
    bucket.proxy.add("late", method="GET", seconds=20)  # the lock could not be given back
    everything(bucket.hooks())


@pytest.mark.usefixtures("hurried")
def test_one_request_that_always_fails_is_the_sinks_fault_not_the_networks(bucket: Bucket) -> None:
    hooks = bucket.hooks(max_attempts=2)
    hooks.open("run")
    bucket.proxy.add("answer", method="PUT", path="poison", times=0)
    put(hooks, "poison.md")
    with pytest.raises(SinkError, match="each time it was tried"):
        hooks.flush()
    hooks.close()


def test_a_lost_answer_to_the_lock_is_no_lock_of_others(bucket: Bucket) -> None:
    bucket.proxy.add("lost", method="PUT", path="lock/0000000001", header="If-None-Match")
    hooks = bucket.hooks()
    hooks.open("run")
    hooks.close()
    assert bucket.proxy.count("PUT", "lock/0000000001") >= 3
    assert bucket.proxy.count("PUT", "lock/0000000002") == 0


def test_a_lost_answer_to_the_end_of_a_large_file_is_recognised(bucket: Bucket) -> None:
    hooks = bucket.hooks(multipart_mib=5, part_mib=5)
    hooks.open("run")
    fault = bucket.proxy.add("lost", method="POST", path="uploadId=")
    put(hooks, "large.bin", LARGE)
    hooks.flush()
    assert fault.hits >= 1
    assert hooks.stat("large.bin").size == len(LARGE)
    stamp = hooks.stat("large.bin")
    hooks.close()
    hooks.open("next")
    assert hooks.stat("large.bin") == stamp
    hooks.close()


def test_an_upload_in_parts_that_vanished_is_an_error_and_not_taken_for_done(bucket: Bucket) -> None:
    bucket.put("docs/large.bin", LARGE)
    hooks = bucket.hooks(multipart_mib=5, part_mib=5)
    hooks.open("run")
    bucket.proxy.add("answer", method="POST", path="uploadId=", status=404, code="NoSuchUpload", times=0)
    put(hooks, "large.bin", LARGE)
    put(hooks, "new.bin", LARGE)
    with pytest.raises(SinkError, match="NoSuchUpload"):
        hooks.flush()
    hooks.close()
    assert bucket.uploads() == []


@pytest.mark.usefixtures("hurried")
def test_a_large_file_cut_off_leaves_no_upload_behind(bucket: Bucket) -> None:
    hooks = bucket.hooks(multipart_mib=5, part_mib=5)
    hooks.open("run")
    bucket.proxy.add("answer", method="PUT", path="partNumber=2", times=0, status=403, code="AccessDenied")
    put(hooks, "large.bin", LARGE)
    with pytest.raises(NotAuthorisedError):
        hooks.flush()
    hooks.close()
    assert bucket.uploads() == []
    assert bucket.contents() == {}


@pytest.mark.usefixtures("hurried")
def test_uploads_of_dead_runs_are_ended_under_our_prefix_and_nowhere_else(bucket: Bucket) -> None:
    for key in ("docs/assets/a.bin", "docs/assets/b.bin", "docs2/theirs.bin"):
        bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key)
    # One that cannot be ended is left to the next run.
    fault = bucket.proxy.add("answer", method="DELETE", path="b.bin", status=403, code="AccessDenied")
    hooks = bucket.hooks()
    hooks.open("run")
    hooks.close()
    assert fault.hits == 1
    assert bucket.uploads() == ["docs/assets/b.bin", "docs2/theirs.bin"]
    hooks.open("next")
    hooks.close()
    assert bucket.uploads() == ["docs2/theirs.bin"]
    # In a whole bucket, others may be uploading.
    whole = bucket.hooks(prefix="")
    whole.open("run")
    whole.close()
    assert bucket.uploads() == ["docs2/theirs.bin"]


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (501, "NotImplemented")])
def test_a_key_that_may_not_see_uploads_can_still_write(bucket: Bucket, status: int, code: str) -> None:
    bucket.proxy.add("answer", method="GET", path=r"\?uploads", status=status, code=code, times=0)
    everything(bucket.hooks())


@pytest.mark.parametrize("s3_server", ["moto"], indirect=True)  # elsewhere the header is signed: no proxy can drop it
def test_a_store_that_ignores_conditions_needs_the_users_word(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    bucket.proxy.add("unconditional", method="PUT", times=0)
    with pytest.raises(SinkError, match="ignores If-None-Match"):
        bucket.hooks().open("run")
    everything(bucket.hooks(single_writer=True))
    assert "single_writer is set" in caplog.text


def test_a_store_that_does_not_know_conditions_needs_the_users_word(bucket: Bucket) -> None:
    bucket.proxy.add("answer", method="PUT", header="If-None-Match", status=501, code="NotImplemented", times=0)
    with pytest.raises(SinkError, match="ignores If-None-Match"):
        bucket.hooks().open("run")
    everything(bucket.hooks(single_writer=True))


def test_a_store_without_batch_deletes_is_asked_for_each(bucket: Bucket) -> None:
    bucket.proxy.add("answer", method="POST", path=r"\?delete", status=501, code="NotImplemented", times=0)
    everything(bucket.hooks())
    assert bucket.contents().keys() == {"small.md", "large.bin"}


@pytest.mark.usefixtures("hurried")
def test_errors_inside_a_batch_delete_count(bucket: Bucket) -> None:
    hooks = bucket.hooks()
    hooks.open("run")
    put(hooks, "gone.md")
    hooks.flush()

    def answer(code: str) -> dict[str, Any]:
        error = f"<Error><Key>docs/gone.md</Key><Code>{code}</Code><Message>m</Message></Error>"
        body = f"<DeleteResult>{error}</DeleteResult>"
        return {"method": "POST", "path": r"\?delete", "status": 200, "body": body}

    bucket.proxy.add("answer", **answer("InternalError"))
    bucket.proxy.add("answer", **answer("AccessDenied"))
    hooks.delete("gone.md")
    with pytest.raises(NotAuthorisedError, match="AccessDenied"):
        hooks.flush()
    bucket.proxy.clear()
    hooks.close()
    hooks.open("next")
    bucket.proxy.add("answer", **answer("NoSuchKey"))
    hooks.delete("gone.md")
    hooks.flush()
    hooks.close()


def test_a_refused_batch_delete_is_not_repeated_one_by_one(bucket: Bucket) -> None:
    hooks = bucket.hooks()
    hooks.open("run")
    put(hooks, "gone.md")
    hooks.flush()
    bucket.proxy.add("answer", method="POST", path=r"\?delete", status=404, code="NoSuchBucket")
    hooks.delete("gone.md")
    with pytest.raises(SinkError, match="NoSuchBucket"):
        hooks.flush()
    assert bucket.proxy.count("DELETE") == 0
    hooks.close()


def test_a_listing_without_an_end_is_noticed(bucket: Bucket) -> None:
    body = (
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>"
        "<KeyCount>0</KeyCount></ListBucketResult>"
    )
    bucket.proxy.add("answer", path="list-type", status=200, body=body, times=0)
    with pytest.raises(SinkError, match="does not come to an end"):
        bucket.hooks().open("run")


def test_a_lock_whose_holder_lives_elsewhere_is_taken_over_when_the_stores_clock_says_so(bucket: Bucket) -> None:
    bucket.put(
        "docs/.notion-sync/lock/0000000007", b'{"run":"r","token":"t","host":"h","pid":1,"machine":"m","started":"1"}'
    )
    hooks = bucket.hooks()
    with pytest.raises(LockedError, match="run r, process 1 on h, lock 7"):
        hooks.open("early")
    bucket.proxy.add("late", method="GET", seconds=20, times=2)
    hooks.open("late")
    hooks.close()
    assert bucket.proxy.count("PUT", "lock/0000000008") == 3


def test_a_store_that_does_not_tell_the_time_is_asked_by_our_clock(bucket: Bucket) -> None:
    bucket.proxy.add("undated", times=0)
    everything(bucket.hooks())


def test_a_run_that_lost_its_lock_learns_of_it_with_nothing_to_write(bucket: Bucket) -> None:
    sink = bucket.sink()
    hooks = Sink.of(sink, "s3")
    hooks.open("zombie")
    hooks.flush()
    sink._here.lease._until = (0.0, 0.0)  # as if the machine had slept
    other = b'{"run":"r","token":"t","host":"h","pid":1,"machine":"m","started":"1"}'
    bucket.put("docs/.notion-sync/lock/0000000002", other)
    with pytest.raises(LockedError, match="run r"):
        hooks.flush()
    hooks.close()
    hooks.look()
    hooks.flush()  # who only looks holds no lock that could be lost
    hooks.close()


def test_a_run_that_lost_its_lock_writes_nothing_more(bucket: Bucket) -> None:
    sink = bucket.sink()
    hooks = Sink.of(sink, "s3")
    hooks.open("zombie")
    put(hooks, "before.md")
    put(hooks, "stays.md")
    hooks.flush()
    sink._here.lease._until = (0.0, 0.0)  # as if the machine had slept
    bucket.put(
        "docs/.notion-sync/lock/0000000002", b'{"run":"r","token":"t","host":"h","pid":1,"machine":"m","started":"1"}'
    )
    with pytest.raises(LockedError, match="run r"):
        put(hooks, "after.md")
    hooks.delete("stays.md")
    with pytest.raises(LockedError, match="run r"):
        hooks.flush()
    hooks.close()
    assert bucket.contents().keys() == {"before.md", "stays.md"}
    assert bucket.proxy.count("PUT", "lock/0000000002") == 0
