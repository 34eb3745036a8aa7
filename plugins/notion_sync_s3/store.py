"""The requests we make to S3, each through the gate, which repeats what may work in a moment."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from attrs import frozen

from notion_sync_core.plugin import Clock, Gate, NotionSyncError, RetryableError, SinkError, UnreachableError
from notion_sync_s3.errors import NoAnswer, Refused, code_error, explain
from notion_sync_s3.listing import Entry

T = TypeVar("T")

DELETE_BATCH = 1000
"""Keys a ``DeleteObjects`` request takes."""
MOST_PARTS = 10_000
_CHUNK = 1 << 20
_NO_BATCHES = {"NotImplemented", "MethodNotAllowed", "InvalidRequest", "InvalidArgument", "MissingContentMD5"}


@frozen
class Upload:
    """One file on its way into the bucket."""

    key: str
    path: Path
    size: int
    sha256: str
    headers: Mapping[str, Any]
    """``ContentType``, ``Metadata``, encryption and the like, by boto3's names."""


class Store:
    """One bucket, and how we talk to it. Safe in several threads.

    :param client: boto3's, with one try a request.
    :param place: the sink's location, for messages.
    :param encryption: arguments of each request that makes an object.
    :param large: bytes from which on a file goes up in parts.
    :param part: bytes of one part; more if there would be too many.
    """

    def __init__(
        self,
        client: Any,
        bucket: str,
        place: str,
        gate: Gate,
        clock: Clock,
        encryption: Mapping[str, str],
        *,
        large: int,
        part: int,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._place = place
        self._gate = gate
        self._clock = clock
        self._encryption = encryption
        self._large = large
        self._part = part

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    # -- looking

    def entries(self, prefix: str) -> Iterator[list[Entry]]:
        """Everything under a prefix, a thousand at a time."""
        for answer in self._pages("list_objects_v2", prefix, {"NextContinuationToken": "ContinuationToken"}):
            yield [_entry(item) for item in answer.get("Contents", ())]

    def ages(self, prefix: str) -> dict[str, float]:
        """The keys under a prefix, and for how many seconds each has not been written, by the store's clock."""
        ages: dict[str, float] = {}
        for answer in self._pages("list_objects_v2", prefix, {"NextContinuationToken": "ContinuationToken"}):
            now = _server_time(answer) or self._clock.now()
            for item in answer.get("Contents", ()):
                ages[item["Key"]] = now - item["LastModified"].timestamp()
        return ages

    def read(self, key: str, out: IO[bytes]) -> bool:
        """Write an object's bytes to ``out``, from the start; a body cut short is asked for again.

        :returns: ``False`` if there is no such object.
        """

        def once() -> bool:
            out.seek(0)
            out.truncate()
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
            with contextlib.closing(body):
                for chunk in body.iter_chunks(_CHUNK):
                    out.write(chunk)
            return True

        try:
            return self._through(once)
        except Refused as error:
            if error.status == 404 and error.code != "NoSuchBucket":
                return False
            raise

    def get(self, key: str) -> bytes | None:
        """The bytes of a small object."""
        out = io.BytesIO()
        return out.getvalue() if self.read(key, out) else None

    def metadata(self, key: str) -> tuple[Mapping[str, str], str]:
        """An object's own metadata and its ETag; nothing if there is none."""
        try:
            found = self._call("head_object", Key=key)
        except Refused as error:
            if error.status == 404:
                return {}, ""
            raise
        return found.get("Metadata", {}), _bare(found["ETag"])

    # -- writing

    def create(self, key: str, body: bytes) -> bool:
        """Make an object if there is none.

        :returns: ``False`` if there is one; it may be ours, if an answer was lost.
        :raises Refused: with status 501, if the store knows no conditions.
        """
        try:
            self._call("put_object", Key=key, Body=body, ContentMD5=_md5(body), IfNoneMatch="*", **self._encryption)
        except Refused as error:
            if error.status == 412:
                return False
            raise
        return True

    def put(self, key: str, body: bytes) -> None:
        """Write a small object."""
        self._call("put_object", Key=key, Body=body, ContentMD5=_md5(body), **self._encryption)

    def upload(self, upload: Upload) -> Entry:
        """Write a file as one object, which shows at once and whole."""
        if upload.size >= self._large:
            return Entry(upload.key, upload.size, self._upload_parts(upload))

        def once() -> str:
            with upload.path.open("rb") as file:
                digest = base64.b64encode(hashlib.file_digest(file, _md5_hash).digest()).decode()
                file.seek(0)
                answer = self._client.put_object(
                    Bucket=self._bucket,
                    Key=upload.key,
                    Body=file,
                    ContentLength=upload.size,
                    ContentMD5=digest,
                    **upload.headers,
                    **self._encryption,
                )
            return _bare(answer["ETag"])

        return Entry(upload.key, upload.size, self._through(once))

    def _upload_parts(self, upload: Upload) -> str:
        started = self._call("create_multipart_upload", Key=upload.key, **upload.headers, **self._encryption)
        upload_id: str = started["UploadId"]
        try:
            parts = [*self._parts(upload, upload_id)]
            return self._complete(upload, upload_id, parts)
        except BaseException:
            self.abort(upload.key, upload_id)
            raise

    def _parts(self, upload: Upload, upload_id: str) -> Iterator[dict[str, Any]]:
        length = max(self._part, -(-upload.size // MOST_PARTS))
        with upload.path.open("rb") as file:
            for number, offset in enumerate(range(0, upload.size, length), 1):
                file.seek(offset)
                body = file.read(length)
                answer = self._call(
                    "upload_part",
                    Key=upload.key,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=body,
                    ContentMD5=_md5(body),
                )
                yield {"PartNumber": number, "ETag": answer["ETag"]}

    def _complete(self, upload: Upload, upload_id: str, parts: list[dict[str, Any]]) -> str:
        try:
            answer = self._call(
                "complete_multipart_upload", Key=upload.key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except Refused as error:
            # After a lost answer the upload is gone because it is done.
            metadata, etag = self.metadata(upload.key) if error.code == "NoSuchUpload" else ({}, "")
            if metadata.get("sha256") == upload.sha256 and metadata.get("run") == upload.headers["Metadata"]["run"]:
                return etag
            raise
        return _bare(answer["ETag"])

    def unfinished(self, prefix: str) -> Iterator[tuple[str, str]]:
        """(key, id) of uploads in parts that were begun under a prefix and not ended."""
        marks = {"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"}
        for answer in self._pages("list_multipart_uploads", prefix, marks):
            yield from [(item["Key"], item["UploadId"]) for item in answer.get("Uploads", ())]

    def abort(self, key: str, upload_id: str) -> None:
        """End an upload in parts; a failure leaves it to the next run."""
        with contextlib.suppress(NotionSyncError):
            self._call("abort_multipart_upload", Key=key, UploadId=upload_id)

    # -- deleting

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; what is not there is fine."""
        for start in range(0, len(keys), DELETE_BATCH):
            self._delete_batch(keys[start : start + DELETE_BATCH])

    def _delete_batch(self, keys: Sequence[str]) -> None:
        request = {"Objects": [{"Key": key} for key in keys], "Quiet": True}

        def once() -> None:
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=request)
            for item in answer.get("Errors", ()):
                if item.get("Code") != "NoSuchKey":
                    raise code_error(item.get("Code", ""), item.get("Message", ""), self._place)

        try:
            self._through(once)
        except Refused as error:
            if error.code not in _NO_BATCHES:
                raise
            # Some stores remove one at a time only.
            for key in keys:
                self._call("delete_object", Key=key)

    # -- calling

    def _pages(self, operation: str, prefix: str, marks: Mapping[str, str]) -> Iterator[Any]:
        """The answers of a listing; ``marks`` says which of an answer's fields the next request repeats."""
        following: dict[str, str] = {}
        while True:
            answer = self._call(operation, Prefix=prefix, **following)
            yield answer
            if not answer.get("IsTruncated"):
                return
            before, following = following, {name: answer[mark] for mark, name in marks.items() if answer.get(mark)}
            if following in ({}, before):
                raise SinkError(f"{self._place}: the store's listing does not come to an end", "Report this to them.")

    def _call(self, operation: str, **arguments: Any) -> Any:
        call = getattr(self._client, operation)
        return self._through(lambda: call(Bucket=self._bucket, **arguments))

    def _through(self, call: Callable[[], T]) -> T:
        """Make one request through the gate.

        :raises Refused: the store's answer is no.
        :raises UnreachableError: it does not answer.
        """

        def once() -> T:
            try:
                return call()
            except FileNotFoundError as error:
                raise SinkError(f"a staged file vanished: {error.filename}", "Nobody else may clear it.") from error
            except Exception as error:
                known = explain(error, self._place, self._clock.now())
                if known is None:
                    raise
                raise known from error

        try:
            return self._gate(once)
        except NoAnswer as error:
            raise UnreachableError(
                error.message,
                "Check the network, the proxy settings and endpoint_url, then run the same command again.",
            ) from error
        except RetryableError as error:
            raise SinkError(
                f"{error.message} (each time it was tried)", "Run the same command again: it goes on where it was."
            ) from error


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(item["Key"], item["Size"], _bare(item["ETag"]))


def _bare(etag: str) -> str:
    return etag.strip('"')


def _md5_hash() -> Any:
    return hashlib.md5(usedforsecurity=False)


def _md5(body: bytes) -> str:
    """What the store compares the body with, so that damage on the way is noticed."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _server_time(answer: Mapping[str, Any]) -> float | None:
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
    except (KeyError, ValueError):
        return None
