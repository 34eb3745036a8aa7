"""A run awaited by a task of asyncio: beside it on a thread, and over when the task is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

from notion_sync_core.clock import Stop
from notion_sync_core.events import Event

T = TypeVar("T")
OnEvent = Callable[[Event], object]


async def awaited(work: Callable[[Stop, OnEvent | None], T], stop: Stop | None, on_event: OnEvent | None) -> T:
    """Do a run's work on a thread of its own.

    Cancelling the task asks the run to stop; the task ends when the run has given everything back, and the thread
    with it.

    :param work: told whom to obey, and whom to tell.
    :param on_event: called on the loop, in the order of the events, for the last one before the task goes on.
    :raises asyncio.CancelledError: the task was cancelled; what ended the run is its cause.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    outcome: Future[T] = Future()

    def _tell(event: Event) -> None:
        if on_event is not None:
            loop.call_soon_threadsafe(on_event, event)

    def _run(mine: Stop) -> None:
        try:
            outcome.set_result(work(mine, _tell if on_event else None))
        except BaseException as error:
            outcome.set_exception(error)
        finally:
            loop.call_soon_threadsafe(ended.set_result, None)

    cancelled: asyncio.CancelledError | None = None
    with (stop or Stop()).within() as mine:
        thread = threading.Thread(target=copy_context().run, args=(_run, mine), name="notion-sync run")
        thread.start()
        while not ended.done():
            try:
                await asyncio.shield(ended)
            except asyncio.CancelledError as error:
                cancelled = error
                mine.request()
        thread.join()
    if cancelled is not None:
        raise cancelled from outcome.exception()
    return outcome.result()
