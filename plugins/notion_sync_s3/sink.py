"""Writes artifacts below a prefix of a bucket: staged on this disk, shown by one upload each."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from attrs import field, frozen
from attrs.validators import ge, gt, in_

from notion_sync_core.plugin import (
    Artifact,
    Clock,
    ConfigError,
    Event,
    FilePath,
    Gate,
    NotAuthorisedError,
    RetryPolicy,
    Staged,
    Stat,
    SystemClock,
    hookimpl,
)
from notion_sync_s3.address import clean_prefix, is_bucket, key_of, split_url
from notion_sync_s3.client import make_client, quieten
from notion_sync_s3.errors import Refused
from notion_sync_s3.holder import Holder
from notion_sync_s3.lease import Lease
from notion_sync_s3.listing import Entry, Listing
from notion_sync_s3.media import shown_as
from notion_sync_s3.options import readable_class
from notion_sync_s3.spool import Spool, explained
from notion_sync_s3.store import DELETE_BATCH, Store, Upload
from notion_sync_s3.uploads import Uploads

PRIVATE = ".notion-sync"
"""Below the prefix, what is ours: lock and manifest."""
_MIB = 1 << 20
_log = logging.getLogger(__name__)


@frozen(eq=False)
class S3Sink:
    """A prefix in a bucket. Its attributes are the keys of ``[plugins.s3]``."""

    scheme: ClassVar[str] = "s3"
    """``--to s3://bucket/prefix`` leads here."""

    bucket: str = ""
    """The bucket; it must exist."""
    prefix: str = ""
    """What all keys begin with; empty: the whole bucket."""
    endpoint_url: str = ""
    """Address of a store other than AWS; empty: ``AWS_ENDPOINT_URL_S3``, ``AWS_ENDPOINT_URL`` or AWS."""
    region: str = ""
    """The bucket's region; empty: as boto3 finds it (``AWS_REGION``, profile)."""
    profile: str = ""
    """A profile of the AWS configuration; empty: as boto3 finds it (``AWS_PROFILE``)."""
    addressing: str = field(default="auto", validator=in_(["auto", "path", "virtual"]))
    """Bucket in the path or in the host name; ``auto``: path with an endpoint of your own, host on AWS."""
    encryption: str = field(default="", validator=in_(["", "AES256", "aws:kms", "aws:kms:dsse"]))
    """Server-side encryption to ask for; empty: the bucket's own."""
    kms_key_id: str = ""
    """Key for ``aws:kms``; empty: the account's own."""
    storage_class: str = field(default="", validator=readable_class)
    """Of files, such as ``STANDARD_IA``; empty: the bucket's own."""
    cache_control: str = ""
    """``Cache-Control`` of files, for a bucket that serves a site."""
    uploads: int = field(default=8, validator=ge(1))
    """Files on their way at once."""
    multipart_mib: int = field(default=64, validator=ge(5))
    """Files from so many MiB on go up in parts."""
    part_mib: int = field(default=8, validator=ge(5))
    """MiB of one part."""
    timeout_s: float = field(default=60.0, validator=gt(0))
    """Seconds without any byte before a request is given up and repeated."""
    max_attempts: int = field(default=8, validator=ge(1))
    """Tries of one request."""
    lock_timeout_s: float = field(default=0.0, validator=ge(0))
    """How long to wait for another run that writes here."""
    single_writer: bool = False
    """You make sure that one run at a time writes here; for stores that ignore ``If-None-Match``."""
    spool_dir: FilePath = ""
    """Folder for files that wait to be uploaded; empty: the system's for temporary files."""
    _here: _Here = field(init=False, factory=lambda: _Here(), repr=False)

    def __attrs_post_init__(self) -> None:
        if not is_bucket(self.bucket):
            raise ValueError("bucket: the name of a bucket is needed: --to s3://BUCKET/PREFIX, or bucket = …")
        clean_prefix(self.prefix)
        address = urlsplit(self.endpoint_url)
        if self.endpoint_url and (address.scheme not in ("http", "https") or not address.hostname or address.query):
            raise ValueError("endpoint_url: an address such as https://s3.example.org is needed")
        if address.username or address.password:
            raise ValueError("endpoint_url: it must not hold credentials; they come from the environment or a profile")
        if self.kms_key_id and not self.encryption.startswith("aws:kms"):
            raise ValueError("kms_key_id: it needs encryption = 'aws:kms'")

    @classmethod
    def options_from_url(cls, url: str) -> dict[str, str]:
        """The options that ``s3://bucket/prefix`` stands for.

        :raises ConfigError: it is no such address.
        """
        return split_url(url)

    @property
    def location(self) -> str:
        """Where this sink writes, for messages and for the identity of a job."""
        place = f"s3://{self.bucket}/{clean_prefix(self.prefix)}".rstrip("/")
        return f"{place} at {self._endpoint}" if self._endpoint else place

    @property
    def _endpoint(self) -> str:
        given = self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        try:
            address = urlsplit(given)
        except ValueError:
            raise ConfigError("the S3 endpoint is no valid address", "Look at AWS_ENDPOINT_URL.") from None
        return f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path.rstrip('/')}" if given else ""

    # -- opening and closing

    @hookimpl
    def sink_open(self, run_id: str) -> None:
        """See the hook. The lock is a lease that its holder renews; a dead run's uploads are ended."""
        quieten()
        here, prefix = self._here, clean_prefix(self.prefix)
        here.run_id = run_id
        here.store = self._store()
        with contextlib.ExitStack() as stack:
            stack.callback(here.store.close)
            here.lease = self._lease(prefix)
            stack.callback(here.lease.release)
            here.lease.acquire(self.lock_timeout_s)
            here.lease.start()
            self.sink_attach(run_id)
            here.spool.clear()
            stack.callback(here.spool.close)
            self._end_uploads_of_dead_runs(prefix)
            self._list(prefix, stack)
            here.is_writing = True
            stack.callback(setattr, here, "is_writing", False)
            here.stack = stack.pop_all()

    @hookimpl
    def sink_look(self) -> None:
        """See the hook."""
        quieten()
        here = self._here
        here.store = self._store()
        with contextlib.ExitStack() as stack:
            stack.callback(here.store.close)
            self.sink_attach("look")  # for what is too large to read in memory; a run may stage here just now
            self._list(clean_prefix(self.prefix), stack)
            here.stack = stack.pop_all()

    def _list(self, prefix: str, stack: contextlib.ExitStack) -> None:
        here = self._here
        here.listing = Listing()
        stack.callback(here.listing.close)
        for page in here.store.entries(prefix):
            here.listing.add(page)
        here.uploads = Uploads(self.uploads, here.listing)
        here.connected = True
        stack.callback(here.uploads.close)

    def _lease(self, prefix: str) -> Lease:
        here = self._here
        return Lease(
            here.store,
            f"{prefix}{PRIVATE}/lock/",
            self.location,
            Holder.here(here.run_id),
            here.clock,
            single_writer=self.single_writer,
        )

    @hookimpl
    def sink_attach(self, run_id: str) -> None:
        """See the hook. Needs no network: what is staged stays on this machine."""
        self._here.spool = Spool(self.spool_dir, self.location, f"{run_id}-{os.getpid()}")

    @hookimpl
    def sink_close(self) -> None:
        """See the hook. Uploads that were begun are finished, others are dropped."""
        self._here.close()

    def _store(self) -> Store:
        client = make_client(
            place=self.location,
            profile=self.profile,
            region=self.region,
            endpoint_url=self.endpoint_url,
            addressing={"auto": "path" if self._endpoint else "virtual"}.get(self.addressing, self.addressing),
            timeout_s=self.timeout_s,
            connections=self.uploads + 2,
        )
        gate = Gate(self.location, self._here.clock, _note, policy=RetryPolicy(max_attempts=self.max_attempts))
        return Store(
            client,
            self.bucket,
            self.location,
            gate,
            self._here.clock,
            self._encryption(),
            large=self.multipart_mib * _MIB,
            part=self.part_mib * _MIB,
        )

    def _encryption(self) -> dict[str, str]:
        asked = {"ServerSideEncryption": self.encryption, "SSEKMSKeyId": self.kms_key_id}
        return {name: value for name, value in asked.items() if value}

    def _end_uploads_of_dead_runs(self, prefix: str) -> None:
        """Under a prefix all uploads are a dead run's: we hold the lock. In a whole bucket they may be others'."""
        if not prefix:
            return
        try:
            for key, upload_id in self._here.store.unfinished(prefix):
                self._here.store.abort(key, upload_id)
        except (NotAuthorisedError, Refused) as error:
            _log.info("unfinished uploads are left alone: %s", error.message)

    # -- writing

    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        """See the hook."""
        self._key(str(artifact.path))
        name, sha256, size = self._here.spool.write(artifact.chunks)
        return Staged(str(artifact.path), sha256, size, f"{name} {artifact.media_type}")

    @hookimpl
    def sink_commit(self, staged: Staged) -> None:
        """See the hook. The upload goes on while others are handed in; an error shows at the next flush."""
        here, key = self._here, self._key(staged.path)
        here.lease.check()
        here.uploads.start(key, partial(self._upload, key, staged))
        here.doomed.discard(key)

    def _upload(self, key: str, staged: Staged) -> Entry:
        name, _, media_type = staged.token.partition(" ")
        path = self._here.spool.path(name)
        self._here.lease.check()
        entry = self._here.store.upload(
            Upload(key, path, staged.size, staged.sha256, self._headers(staged, media_type))
        )
        self._here.spool.remove(name)
        return entry

    def _headers(self, staged: Staged, media_type: str) -> Mapping[str, Any]:
        media_type, disposition = shown_as(staged.path, media_type)
        private = staged.path.startswith(f"{PRIVATE}/")
        headers = {
            "ContentType": media_type,
            "ContentDisposition": disposition,
            "CacheControl": self.cache_control,
            "StorageClass": "" if private else self.storage_class,
            "Metadata": {"sha256": staged.sha256, "run": self._here.run_id},
        }
        return {name: value for name, value in headers.items() if value}

    @hookimpl
    def sink_discard(self, staged: Staged) -> None:
        """See the hook."""
        self._here.spool.remove(staged.token.partition(" ")[0])

    @hookimpl
    def sink_flush(self) -> None:
        """See the hook. An upload that was answered survives power cuts; that is the store's own promise.

        What is only staged does not: after a power cut it is staged anew.
        """
        if not self._here.connected:
            return
        if self._here.is_writing:
            self._here.lease.check()
        self._here.uploads.wait()
        self._delete_doomed()

    @hookimpl
    def sink_delete(self, path: str) -> None:
        """See the hook. Objects go a thousand at a time, at the latest with the next flush."""
        here, key = self._here, self._key(path)
        here.uploads.wait_for(key)
        if here.listing.remove(key):
            here.doomed.add(key)
        if len(here.doomed) >= DELETE_BATCH:
            self._delete_doomed()

    def _delete_doomed(self) -> None:
        doomed, self._here.doomed = sorted(self._here.doomed), set()
        if doomed:
            self._here.lease.check()
            self._here.store.delete(doomed)

    # -- looking

    @hookimpl
    def sink_stat(self, path: str) -> Stat | None:
        """See the hook. Costs no request: the listing made at the start is kept up to date."""
        key = self._key(path)
        self._here.uploads.wait_for(key)
        entry = self._here.listing.get(key)
        return entry.stat if entry else None

    @hookimpl
    def sink_same(self, path: str, other: str) -> bool:
        """See the hook. Keys are bytes."""
        return path == other

    @hookimpl
    def sink_list(self) -> Iterator[str]:
        """See the hook. Costs no request either."""
        prefix = clean_prefix(self.prefix)
        ours = f"{prefix}{PRIVATE}/lock/"
        for key in self._here.listing.keys():  # noqa: SIM118 - a stream, not a mapping
            if not key.startswith(ours):
                yield key[len(prefix) :]

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        """See the hook. Fetched whole before the first byte is given, so that a broken answer is only repeated."""
        key = self._key(path)
        self._here.uploads.wait_for(key)
        with tempfile.SpooledTemporaryFile(max_size=4 * _MIB, dir=str(self._here.spool.folder)) as file:
            found = self._here.listing.get(key) is not None
            with explained(self._here.spool.folder):
                found = found and self._here.store.read(key, file)
            if not found:
                raise FileNotFoundError(f"{self.location}/{path}")
            file.seek(0)
            while chunk := file.read(_MIB):
                yield chunk

    def _key(self, path: str) -> str:
        return key_of(clean_prefix(self.prefix), path)


class _Here:
    """What an open sink holds, and how it is given back."""

    store: Store
    lease: Lease
    listing: Listing
    uploads: Uploads
    spool: Spool

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()
        self.run_id = ""
        self.connected = False
        """It talks to the store; else it only stages."""
        self.is_writing = False
        """It holds the lock."""
        self.doomed: set[str] = set()
        """Keys to delete with the next flush."""
        self.stack = contextlib.ExitStack()

    def close(self) -> None:
        self.doomed.clear()
        self.stack.close()


def _note(event: Event) -> None:
    """Waits and repeats are for those who look closely."""
    _log.debug("%s", event)
