"""Threads that work for one thread: tasks go out to them, what they found comes back as messages."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import TypeVar

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.errors import NotionSyncError, SkippableError

T = TypeVar("T")
Task = Callable[[], object]

PATIENCE_S = 5.0
"""How long a run that stops waits for answers that are under way."""


@frozen
class Message:
    """From a worker to the thread that it works for."""

    apply: Task
    done: bool = False
    """The worker's task ends with this message."""


def _nothing() -> None:
    pass


class WorkerPool:
    """Workers for the thread that makes it; a context: at its end nobody is waited for in vain.

    :param size: threads, started when there is work for them.
    :param queue_size: messages that may wait.
    """

    def __init__(self, size: int, queue_size: int, clock: Clock) -> None:
        self.size = size
        self.in_flight = 0
        """Tasks whose end was not received."""
        self.clock = clock
        """What its workers tell the time by."""
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="read")
        self._messages: queue.Queue[Message] = queue.Queue(queue_size)
        self._lock = threading.Lock()
        self._idle = size
        """Threads without a task; below zero while tasks wait for a thread."""
        self._stopping = threading.Event()
        self._abandoned = threading.Event()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stopping.set()
        # Who waits for a silent server is not waited for: the answer would be thrown away.
        self._pool.shutdown(wait=self._idle == self.size, cancel_futures=True)

    @property
    def stopping(self) -> bool:
        """The run ends: what is not finished now is read again next time."""
        return self._stopping.is_set()

    @property
    def waiting(self) -> int:
        """Messages that wait to be received."""
        return self._messages.qsize()

    @property
    def hungry(self) -> bool:
        """Whether more tasks should be started, so that no thread waits for the next."""
        return self.in_flight < 2 * self.size

    def start(self, task: Task, then: Task = _nothing) -> None:
        """Give a task to the next free thread.

        :param then: carried out with the last message of the task, by whoever receives it.
        """
        self.in_flight += 1
        with self._lock:
            self._idle -= 1
        self._pool.submit(self._run, task, then)

    def receive(self) -> bool:
        """Wait for a message and carry it out; what a task raised is raised here.

        :returns: whether another one waits already.
        """
        while True:
            try:
                message = self._messages.get(timeout=0.2)
                break
            except queue.Empty:
                self.clock.check()
        if message.done:
            self.in_flight -= 1
        message.apply()
        return not self._messages.empty()

    def stop(self) -> None:
        """End early: let workers finish what they have in hand, so that it need not be read again, but not for long."""
        self._stopping.set()
        end = self.clock.monotonic() + PATIENCE_S
        while self.in_flight:
            try:
                message = self._messages.get(timeout=max(0.0, end - self.clock.monotonic()))
            except queue.Empty:
                self._abandoned.set()
                return
            if message.done:
                self.in_flight -= 1
            else:
                with contextlib.suppress(NotionSyncError):
                    message.apply()

    # -- on the workers

    def send(self, apply: Task) -> None:
        """Have something done by the thread that receives; waits while too much is waiting.

        :raises SkippableError: nobody receives any more.
        """
        if not self._send(Message(apply)):
            raise SkippableError("stopped")

    def lend(self, call: Callable[[], T]) -> Future[T] | None:
        """See :meth:`~notion_sync_core.gate.ahead.Helpers.lend`."""
        with self._lock:
            if self._idle < 1:
                return None
            self._idle -= 1
        return self._pool.submit(call)

    def give_back(self) -> None:
        """See :meth:`~notion_sync_core.gate.ahead.Helpers.give_back`."""
        with self._lock:
            self._idle += 1

    def _run(self, task: Task, then: Task) -> None:
        """A worker's life: run one task, and always say that it ended."""
        error: BaseException | None = None
        try:
            if not self.stopping:
                self.clock.check()
                task()
        except BaseException as caught:
            error = caught
        self.give_back()
        self._send(Message(partial(_ended, error, then), done=True))

    def _send(self, message: Message) -> bool:
        while not self._abandoned.is_set():
            with contextlib.suppress(queue.Full):
                self._messages.put(message, timeout=1.0)
                return True
        return False


def _ended(error: BaseException | None, then: Task) -> None:
    if error is not None:
        raise error
    then()
