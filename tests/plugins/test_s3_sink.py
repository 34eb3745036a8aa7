"""Options, names, headers and files that wait: what the S3 sink does besides the contract."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from notion_sync_core import Job
from notion_sync_core.errors import ConfigError, NotAuthorisedError, SinkError, UnreachableError
from notion_sync_core.model import Artifact
from notion_sync_core.plugins.find import options_from_url, sink_for
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.structure import structure
from notion_sync_s3 import S3Sink
from notion_sync_s3.address import key_of
from notion_sync_s3.errors import clean, code_error, explain
from notion_sync_s3.listing import Entry, Listing
from notion_sync_s3.spool import Spool
from notion_sync_s3.store import Upload
from plugins.s3_bench import Bucket, put, read

MIB = 1 << 20


@pytest.fixture
def sink(bucket: Bucket) -> Any:
    hooks = bucket.hooks()
    hooks.open("run")
    yield hooks
    hooks.close()


def head(bucket: Bucket, path: str) -> dict[str, Any]:
    return bucket.client.head_object(Bucket=bucket.name, Key=f"docs/{path}")


# -- names


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://bucket", {"bucket": "bucket", "prefix": ""}),
        ("s3://bucket/", {"bucket": "bucket", "prefix": ""}),
        ("s3://my.bucket/a/b c/ü", {"bucket": "my.bucket", "prefix": "a/b c/ü"}),
    ],
)
def test_a_url_names_bucket_and_prefix(url: str, options: dict[str, str]) -> None:
    assert options_from_url("s3", url) == options
    assert S3Sink(**options).location == url.rstrip("/")


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://AKIA:secret@bucket/x", "s3://b", "http://bucket"])
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="s3://BUCKET/PREFIX") as raised:
        S3Sink.options_from_url(url)
    assert "secret" not in str(raised.value)


def test_an_endpoint_of_the_environment_that_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://[")
    with pytest.raises(ConfigError, match="no valid address"):
        _ = S3Sink(bucket="docs").location


def test_the_endpoint_is_part_of_the_location_wherever_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given = S3Sink(bucket="bucket", prefix="/a//b/", endpoint_url="https://s3.example.org/").location
    assert given == "s3://bucket/a/b at https://s3.example.org"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://user:secret@general.example.org")
    assert S3Sink(bucket="bucket").location == "s3://bucket at https://general.example.org"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.org")
    assert S3Sink(bucket="bucket", prefix="a/b").location == given


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "name of a bucket is needed"),
        ({"prefix": "../up"}, "must not hold"),
        ({"prefix": "a\nb"}, "control characters"),
        ({"endpoint_url": "s3.example.org"}, "an address such as"),
        ({"endpoint_url": "ftp://s3.example.org"}, "an address such as"),
        ({"endpoint_url": "https://s3.example.org?x=1"}, "an address such as"),
        ({"endpoint_url": "https://key:secret@s3.example.org"}, "must not hold credentials"),
        ({"kms_key_id": "abc"}, "needs encryption"),
        ({"encryption": "rot13"}, "one of '', 'AES256'"),
        ({"addressing": "host"}, "one of 'auto', 'path', 'virtual'"),
        ({"storage_class": "DEEP_ARCHIVE"}, "can be read at once"),
        ({"uploads": 0}, "at least 1"),
        ({"multipart_mib": 1}, "at least 5"),
        ({"timeout_s": 0.0}, "a number above 0"),
        ({"secret_access_key": "secret"}, "unknown key"),
    ],
)
def test_an_impossible_option_says_what_is_expected(options: dict[str, Any], expected: str) -> None:
    given = {"bucket": "bucket", **options} if options else {}
    with pytest.raises(ConfigError, match=expected) as raised:
        structure(S3Sink, given, "plugins.s3", {})
    assert "secret@" not in str(raised.value)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../x", "", ".", "a\0b"])
def test_no_key_leaves_the_prefix(path: str) -> None:
    with pytest.raises(SinkError, match="would leave"):
        key_of("docs/", path)


def test_a_key_longer_than_s3_allows_is_refused_before_it_is_staged(sink: Sink) -> None:
    assert len(key_of("", "ü" * 512)) == 512
    with pytest.raises(SinkError, match="more than 1024 bytes") as raised:
        put(sink, "ü" * 511)
    assert "shorter prefix" in raised.value.remedy


def test_every_option_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "s3.md").read_text()
    for option in attrs.fields(S3Sink):
        if option.init:
            assert f"| `{option.name}` |" in text, option.name


# -- schemes


def test_each_place_is_written_by_the_sink_of_its_scheme(tmp_path: Path) -> None:
    from notion_sync_core.cli.options import load_job

    job = load_job(
        None,
        ("plugins.s3.region=eu-west-1", f"deployment.state_dir={tmp_path}"),
        to=("out", "s3://bucket/docs", "s3://other", f"file://{tmp_path}/two"),
    )
    specs = job.sink_specs()
    assert [(spec.name, spec.use) for spec in specs] == [
        ("fs", "fs"),
        ("s3", "s3"),
        ("sink3", "s3"),
        ("sink4", "fs"),
    ]
    assert specs[1].options == {"bucket": "bucket", "prefix": "docs", "region": "eu-west-1"}
    assert specs[2].options == {"bucket": "other", "prefix": ""}
    assert [sink.location for sink in job.sinks()][1:3] == ["s3://bucket/docs", "s3://other"]


def test_a_sink_in_the_configuration_may_be_a_url() -> None:
    sinks = ["s3://bucket/docs", {"url": "s3://bucket/more", "name": "offsite", "storage_class": "STANDARD_IA"}]
    job = Job.load(environ={}, use_default_file=False, flags={"export.sinks": sinks})
    assert [spec.name for spec in job.sink_specs()] == ["s3", "offsite"]
    assert job.sink_specs()[1].options == {"bucket": "bucket", "prefix": "more", "storage_class": "STANDARD_IA"}


def test_a_scheme_leads_to_the_sink_that_says_so_and_boto3_is_not_imported_for_it() -> None:
    script = (
        "import sys; from notion_sync_core.plugins.find import sink_for, options_from_url\n"
        "assert sink_for('s3') == 's3' and options_from_url('s3', 's3://bucket')['bucket'] == 'bucket'\n"
        "print([name for name in ('boto3', 'botocore', 'notion_sync_fs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_scheme_may_differ_from_the_sinks_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3Sink, "scheme", "bucket")
    assert sink_for("bucket") == "s3"
    with pytest.raises(ConfigError, match="no sink for gs:// is installed") as raised:
        sink_for("gs")
    assert "Installed: fs, s3" in raised.value.remedy
    monkeypatch.delattr("notion_sync_fs.FileSystemSink.options_from_url")
    with pytest.raises(ConfigError, match="takes no URL"):
        options_from_url("fs", "fs://x")


# -- what an object carries


def test_an_object_carries_type_hash_and_run(bucket: Bucket, sink: Sink) -> None:
    put(sink, "page.md", b"# Hello")
    put(sink, "data.json", b"{}", "application/json")
    put(sink, "raw", b"?", "")
    put(sink, "assets/ab/icon.svg", b"<svg/>", "image/svg+xml")
    put(sink, "page.html", b"<p>", "text/html; charset=utf-8")
    sink.flush()
    page = head(bucket, "page.md")
    assert page["ContentType"] == "text/markdown; charset=utf-8"
    assert page["Metadata"] == {"sha256": hashlib.sha256(b"# Hello").hexdigest(), "run": "run"}
    assert "ContentDisposition" not in page
    assert head(bucket, "data.json")["ContentType"] == "application/json"
    assert head(bucket, "raw")["ContentType"] in ("application/octet-stream", "binary/octet-stream")
    # A drawing may hold a script: it shows in pages, and is saved when opened by itself.
    assert head(bucket, "assets/ab/icon.svg")["ContentDisposition"] == "attachment"
    assert "ContentDisposition" not in head(bucket, "page.html")


@pytest.mark.parametrize("s3_server", ["moto"], indirect=True)  # it knows keys and classes that nobody set up
def test_encryption_class_and_caching_are_asked_for(bucket: Bucket) -> None:
    asked: list[dict[str, Any]] = []

    class Recorder:
        def put_object(self, **arguments: Any) -> dict[str, str]:
            asked.append({name: value for name, value in arguments.items() if name not in ("Body", "ContentMD5")})
            return {"ETag": '"e"'}

    sink = bucket.sink(encryption="aws:kms", kms_key_id="key", storage_class="STANDARD_IA", cache_control="max-age=60")
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    client, sink._here.store._client = sink._here.store._client, Recorder()
    put(hooks, "page.md")
    put(hooks, ".notion-sync/manifest.jsonl", b"{}")
    hooks.flush()
    sink._here.store._client = client
    hooks.close()
    page = next(each for each in asked if each["Key"] == "docs/page.md")
    assert (page["ServerSideEncryption"], page["SSEKMSKeyId"]) == ("aws:kms", "key")
    assert (page["StorageClass"], page["CacheControl"]) == ("STANDARD_IA", "max-age=60")
    manifest = next(each for each in asked if "manifest" in each["Key"])
    assert "StorageClass" not in manifest
    assert manifest["ServerSideEncryption"] == "aws:kms"


# -- how many requests


def test_an_unchanged_run_costs_a_few_requests_however_many_files_there_are(bucket: Bucket, sink: Sink) -> None:
    for number in range(150):
        put(sink, f"page{number}.md")
    sink.flush()
    sink.close()
    bucket.proxy.clear()
    sink.open("next")
    for number in range(150):
        assert sink.stat(f"page{number}.md").size == 1
    sink.flush()
    sink.close()
    assert len(bucket.proxy.requests) <= 10
    sink.open("run")


def test_a_long_listing_is_read_page_by_page(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        bucket.put(f"docs/page{number}.md", b"x")
    sink = bucket.sink()
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    client = sink._here.store._client
    whole = client.list_objects_v2
    monkeypatch.setattr(client, "list_objects_v2", lambda **given: whole(**given, MaxKeys=2))
    pages = list(sink._here.store.entries("docs/page"))
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    hooks.close()


def test_a_thousand_deletes_are_one_request(bucket: Bucket, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notion_sync_s3.sink.DELETE_BATCH", 10)
    monkeypatch.setattr("notion_sync_s3.store.DELETE_BATCH", 10)
    for number in range(25):
        put(sink, f"page{number}.md")
    sink.flush()
    for number in range(25):
        sink.delete(f"page{number}.md")
    assert len(bucket.contents()) == 5
    sink.flush()
    assert bucket.contents() == {}
    assert bucket.proxy.count("POST", "delete") == 3


def test_what_somebody_else_put_there_is_seen_by_the_next_run(bucket: Bucket, sink: Sink) -> None:
    put(sink, "page.md", b"ours")
    sink.flush()
    stat = sink.stat("page.md")
    sink.close()
    bucket.put("docs/page.md", b"edit")
    sink.open("next")
    assert sink.stat("page.md") != stat
    assert read(sink, "page.md") == b"edit"


def test_an_object_that_vanished_since_the_listing_reads_as_missing(bucket: Bucket, sink: Sink) -> None:
    put(sink, "page.md")
    sink.flush()
    bucket.client.delete_object(Bucket=bucket.name, Key="docs/page.md")
    with pytest.raises(FileNotFoundError):
        read(sink, "page.md")


def test_a_neighbour_with_a_longer_name_is_not_under_the_prefix(bucket: Bucket) -> None:
    bucket.put("docs2/page.md", b"theirs")
    hooks = bucket.hooks(prefix="docs")
    hooks.open("run")
    assert hooks.stat("page.md") is None
    hooks.close()


def test_parts_grow_where_there_would_be_too_many(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notion_sync_s3.store.MOST_PARTS", 2)
    sink = bucket.sink(multipart_mib=5, part_mib=5)
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    content = os.urandom(MIB) * 13
    put(hooks, "large.bin", content)
    hooks.flush()
    assert read(hooks, "large.bin") == content
    assert bucket.proxy.count("PUT", "partNumber") == 2
    hooks.close()


# -- credentials and clients


def test_without_credentials_the_remedy_names_the_variables(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NotAuthorisedError, match="no credentials") as raised:
        bucket.hooks().open("run")
    assert "AWS_ACCESS_KEY_ID" in raised.value.remedy


def test_a_profile_that_does_not_exist_is_named(bucket: Bucket) -> None:
    with pytest.raises(NotAuthorisedError, match="nobody"):
        bucket.hooks(profile="nobody").open("run")


def test_a_region_that_is_no_word_is_refused(bucket: Bucket) -> None:
    with pytest.raises(SinkError, match="region") as raised:
        bucket.hooks(region="no region!").open("run")
    assert "[plugins.s3]" in raised.value.remedy


def test_without_boto3_the_message_says_how_to_install_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SinkError, match="needs boto3") as raised:
        bucket.hooks().open("run")
    assert raised.value.remedy == "pip install boto3"


def test_staging_in_a_second_process_needs_neither_network_nor_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    hooks = Sink.of(S3Sink(bucket="bucket", endpoint_url="http://127.0.0.1:9"), "s3")
    hooks.attach("run.0")
    staged = hooks.stage(Artifact("page.md", [b"x"], "text/markdown"))
    hooks.discard(staged)
    hooks.close()


# -- messages


def test_no_message_holds_a_key_or_a_signature() -> None:
    said = clean("AKIAIOSFODNN7EXAMPLE at https://x/?X-Amz-Signature=abc&X-Amz-Credential=AKIA&a=b\n" + "long " * 100)
    assert "EXAMPLE" not in said
    assert "abc" not in said
    assert "\n" not in said
    assert len(said) == 300
    error = code_error("SignatureDoesNotMatch", "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE", "s3://b")
    assert "EXAMPLE" not in str(error)


def test_other_exceptions_of_the_client_have_an_outcome_each() -> None:
    from botocore import exceptions as boto

    assert isinstance(explain(boto.SSLError(endpoint_url="https://x", error="bad"), "s3://b", 0), UnreachableError)
    assert isinstance(explain(boto.ParamValidationError(report="bad"), "s3://b", 0), SinkError)
    assert explain(RuntimeError("ours"), "s3://b", 0) is None
    archived = boto.ClientError(
        {"Error": {"Code": "InvalidObjectState"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "GetObject"
    )
    assert "archived" in explain(archived, "s3://b", 0).remedy


def test_a_fault_of_our_own_is_not_taken_for_the_stores(bucket: Bucket) -> None:
    sink = bucket.sink()
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    with pytest.raises(RuntimeError):
        sink._here.store._through(lambda: (_ for _ in ()).throw(RuntimeError("ours")))
    gone = Upload("docs/x", Path("/nowhere/at/all"), 1, "0", {})
    with pytest.raises(SinkError, match="vanished"):
        sink._here.store.upload(gone)
    hooks.close()


def test_metadata_of_what_is_not_there_is_empty_and_a_refusal_comes_through(bucket: Bucket) -> None:
    sink = bucket.sink()
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    store = sink._here.store
    assert store.metadata("docs/none") == ({}, "")
    bucket.proxy.add("answer", method="HEAD", status=418)
    with pytest.raises(SinkError):
        store.metadata("docs/none")
    bucket.proxy.add("answer", method="GET", path="docs/none", status=418, code="Teapot")
    with pytest.raises(SinkError, match="Teapot"):
        store.get("docs/none")
    hooks.close()


# -- files that wait


def test_files_that_wait_are_private_and_gone_when_the_run_is_over(bucket: Bucket, tmp_path: Path) -> None:
    hooks = bucket.hooks(spool_dir=str(tmp_path / "spool"))
    hooks.open("run")
    hooks.stage(Artifact("never.md", [b"x"], "text/plain"))
    (folder,) = (tmp_path / "spool").iterdir()
    (file,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
    hooks.close()
    assert list((tmp_path / "spool").iterdir()) == []


def test_files_of_a_dead_run_are_cleared_by_the_next(bucket: Bucket, tmp_path: Path) -> None:
    sink = bucket.sink(spool_dir=str(tmp_path))
    Spool(str(tmp_path), sink.location, "dead").write([b"left behind"])
    hooks = Sink.of(sink, "s3")
    hooks.open("run")
    assert list(next(tmp_path.iterdir()).iterdir()) == []
    hooks.close()


def test_a_folder_that_is_not_ours_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ours = tmp_path / f"notion-sync-s3-{os.getuid()}"
    ours.mkdir(mode=0o777)
    ours.chmod(0o777)
    with pytest.raises(SinkError, match="not a folder of this user alone") as raised:
        Spool("", "s3://bucket", "run")
    assert "spool_dir" in raised.value.remedy
    ours.rmdir()
    ours.symlink_to(tmp_path)
    with pytest.raises(SinkError, match="not a folder of this user alone"):
        Spool("", "s3://bucket", "run")


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SinkError, match="cannot be written") as raised:
        Spool(str(tmp_path / "file"), "s3://bucket", "run")
    assert "Choose another folder with spool_dir" in raised.value.remedy


def test_a_full_disk_is_explained_and_leaves_nothing_half(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "s3://bucket", "run")

    def chunks() -> Any:
        yield b"x"
        raise OSError(28, "No space left on device")

    with pytest.raises(SinkError, match="No space left") as raised:
        spool.write(chunks())
    assert "Free some space" in raised.value.remedy
    assert list(spool.folder.iterdir()) == []
    spool.remove("never-there")
    spool.close()
    spool.clear()


def test_a_tampered_handle_names_no_other_file(sink: Sink) -> None:
    staged = sink.stage(Artifact("page.md", [b"x"], "text/plain"))
    for token in ("../x text/plain", ".hidden text/plain", " text/plain"):
        sink.commit(attrs.evolve(staged, token=token))
        with pytest.raises(SinkError, match="is not a staged file"):
            sink.flush()
        sink.discard(attrs.evolve(staged, token="gone x"))


def test_who_only_looks_takes_nothing_from_a_run_that_writes(bucket: Bucket) -> None:
    running, other = bucket.hooks(), bucket.hooks()
    running.open("run")
    staged = running.stage(Artifact("a.md", [b"x"], "text/markdown"))
    other.look()
    assert list(other.list()) == []
    other.close()
    running.commit(staged)
    running.flush()
    assert read(running, "a.md") == b"x"
    running.close()


def test_a_listing_forgets_and_remembers() -> None:
    listing = Listing()
    listing.add([Entry("a", 1, "e")])
    assert listing.get("a") == Entry("a", 1, "e")
    assert listing.remove("a")
    assert not listing.remove("a")
    assert listing.get("a") is None
    listing.close()
