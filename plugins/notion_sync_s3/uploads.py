"""A few uploads at a time, while the caller goes on to the next file."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from notion_sync_s3.listing import Entry, Listing


class Uploads:
    """Uploads under way, by key. One thread hands them in and waits for them.

    :param listing: learns of each that is done.
    """

    def __init__(self, threads: int, listing: Listing) -> None:
        self._pool = ThreadPoolExecutor(threads, "notion-sync-s3-upload")
        self._listing = listing
        self._running: dict[str, Future[Entry]] = {}

    def start(self, key: str, upload: Callable[[], Entry]) -> None:
        """Begin an upload, after an earlier one to the same key."""
        self.wait_for(key)
        self._running[key] = self._pool.submit(upload)

    def wait_for(self, key: str) -> None:
        """Return once nothing is on its way to that key.

        :raises NotionSyncError: what was on its way did not arrive.
        """
        future = self._running.pop(key, None)
        if future is not None:
            self._listing.add([future.result()])

    def wait(self) -> None:
        """Return once everything has arrived. After a failure, what was not begun is dropped.

        :raises NotionSyncError: the first failure.
        """
        running, self._running = self._running, {}
        done = []
        try:
            for future in running.values():
                done.append(future.result())
        except BaseException:
            for future in running.values():
                future.cancel()
            raise
        finally:
            self._listing.add(done)

    def close(self) -> None:
        """Drop what was not begun, and wait for what was."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._running.clear()
