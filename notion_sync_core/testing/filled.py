"""A shelf that holds what a source shows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from notion_sync_core.errors import SkippableError
from notion_sync_core.mirror.suffix import asset_suffix
from notion_sync_core.model import Asset, Comments, Found, Listing, Piece, Ref
from notion_sync_core.plugins.source import Source
from notion_sync_core.testing.shelf import Shelf
from notion_sync_core.testing.source_bench import SourceBench, found_in


def fill(shelf: Shelf, make: Callable[[Path], Any], folder: Path) -> None:
    """Read everything that a source shows, with its files.

    :raises AssertionError: something of it is not in the right form.
    """
    with contextlib.closing(SourceBench(make, folder)) as bench:
        source = bench.source()
        shelf.plan.add_users(Found(users=tuple(source.users(bench.gate))))
        for ref in bench.refs(source):
            shelf.plan.see(ref)
        for ref, pieces, _ in bench.walk(source, shelf.plan.see):
            _keep(shelf, bench, source, ref, pieces)
    shelf.state.checkpoint()


def _keep(shelf: Shelf, bench: SourceBench, source: Source, ref: Ref, pieces: list[Piece]) -> None:
    with shelf.mirror.document() as kept:
        for piece in pieces:
            if isinstance(piece, Listing):
                kept.put_listing(piece)
            elif isinstance(piece, Comments):
                kept.put_comments(piece)
    found = found_in(pieces)
    shelf.plan.add_users(found)
    shelf.plan.finish_read(ref, found, settled=True)
    for asset in found.assets:
        if shelf.state.assets.find(asset.key) is None:
            with contextlib.suppress(SkippableError):  # a document whose file is gone shows that as well
                _fetch(shelf, bench, source, asset)


def _fetch(shelf: Shelf, bench: SourceBench, source: Source, asset: Asset) -> None:
    with shelf.mirror.receive() as receiver:
        media_type = source.download(asset, receiver.file, bench.gate)
        sha256, size = receiver.keep()
        shelf.know_asset(asset.key, sha256, size, asset_suffix(asset.key, receiver.head), media_type)
