"""A vault's place in a bucket.

Not by way of the sink for buckets: that holds a lease on its prefix, so that of two who write there one waits. In a
vault both may write, for what each leaves is under its own fence, and the desk says which counts.

Address, region and credentials come from boto3's own chain: ``AWS_ENDPOINT_URL_S3``, ``AWS_REGION``, ``AWS_PROFILE``,
the instance's role and the like.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from notion_sync_core.plugin import SinkError

_PIECE = 1 << 18
_IN_MEMORY = 8 << 20
_TRIES = 5
"""Of each request, by boto3; and of one body that breaks off, by us."""
_TIMEOUT_S = 60.0
_REMEDY = (
    "Look whether the bucket can be reached from here and the credentials hold: they need s3:ListBucket, s3:GetObject, "
    "s3:PutObject and s3:DeleteObject there. Nothing that a turn committed is lost."
)


@frozen
class BucketPlace:
    """See :class:`~notion_sync_fleet.vault.Place`; safe to use from several threads.

    :param client: boto3's; see :func:`make_client`.
    :param prefix: empty, or with ``/`` at its end.
    """

    client: Any
    bucket: str
    prefix: str

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """See :meth:`Place.put`."""
        # A request that is repeated begins at the start of what it sends.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            for chunk in chunks:
                file.write(chunk)
            file.seek(0)
            with self._explained():
                self.client.upload_fileobj(file, self.bucket, self.prefix + path, Config=_transfer())

    def get(self, path: str) -> Iterator[bytes]:
        """See :meth:`Place.get`."""
        done, etag = 0, ""
        for left in reversed(range(_TRIES)):
            with self._explained(path):
                more = {"Range": f"bytes={done}-", "IfMatch": etag} if done else {}
                answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + path, **more)
                etag = answer["ETag"]
                with contextlib.closing(answer["Body"]) as body:
                    try:
                        for chunk in body.iter_chunks(_PIECE):
                            done += len(chunk)
                            yield chunk
                    except _broken_off():
                        if not left:
                            raise
                        continue
            return

    def paths(self, prefix: str) -> Iterator[str]:
        """See :meth:`Place.paths`."""
        with self._explained():
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(self.prefix)

    def remove(self, path: str) -> None:
        """See :meth:`Place.remove`."""
        with self._explained():
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + path)

    @contextlib.contextmanager
    def _explained(self, path: str = "") -> Iterator[None]:
        """What boto3 raises, in words. All of it means that the vault is away: no job is to blame.

        :param path: where nothing need be.
        """
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.exceptions import HTTPClientError as NoAnswer

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if path and code == "NoSuchKey":
                raise FileNotFoundError(path) from None
            raise self._away(f"{error.operation_name} was answered by {code or 'an error'}") from None
        except (BotoCoreError, Boto3Error, NoAnswer) as error:
            # Their texts may repeat an answer, and that a signature.
            raise self._away(type(error).__name__) from None

    def _away(self, why: str) -> SinkError:
        return SinkError(f"the vault in s3://{self.bucket}/{self.prefix} cannot be used: {why}", _REMEDY)


def _transfer() -> Any:
    """What is large goes in parts, by the thread that asked."""
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=64 << 20, multipart_chunksize=64 << 20, use_threads=False)


def _broken_off() -> tuple[type[Exception], ...]:
    """What is raised by a body that ends too early."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError

    return (HTTPClientError, IncompleteReadError)


def make_client() -> Any:
    """A client of S3; it takes a fifth of a second to make.

    :raises SinkError: boto3 is not installed, or its configuration cannot be used.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise SinkError(f"a bucket needs boto3, which cannot be imported: {error}", "pip install boto3") from error
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        connect_timeout=5.0,
        read_timeout=_TIMEOUT_S,
        # Stores other than AWS do not always know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.session.Session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise SinkError(f"no client for the vault's bucket: {type(error).__name__}", _REMEDY) from None
