"""``--progress``: how a command shows what it does, and the listener that does so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from notion_sync_core.events import Event
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.listener import Listener

progress_option: Callable[[Any], Any] = click.option(
    "--progress",
    type=click.Choice(["auto", "bar", "plain", "json", "none"]),
    default="auto",
    help="How to show it.",
)


@contextmanager
def showing(progress: str) -> Iterator[tuple[Callable[[Event], object], ...]]:
    """What listens to a run in order to show it, if anything; at the end the terminal is as it was."""
    if progress == "none":
        yield ()
        return
    built = build(Spec("listeners", "console", "console", {"style": progress}))
    try:
        yield (Listener(built.name, built.plugin, built.hooks),)
    finally:
        built.plugin.close()
