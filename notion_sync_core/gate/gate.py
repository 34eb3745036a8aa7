"""The gate: every call that leaves the process goes through it.

It spends the request budget, pauses everybody when the service asks for it, retries what may work
in a moment, and stops asking a service that is down.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, ParamSpec, TypeVar

import tenacity

from notion_sync_core.clock import Clock
from notion_sync_core.errors import DoubtError, LimitReached, NotionSyncError, RetryableError, UnreachableError
from notion_sync_core.events import (
    BreakerChanged,
    BudgetMeasured,
    Event,
    RequestFinished,
    RequestsBegan,
    Waited,
)
from notion_sync_core.gate.ahead import Helpers, Prefetched, prefetch
from notion_sync_core.gate.breaker import Breaker
from notion_sync_core.gate.budget import Budget, NoBudget
from notion_sync_core.gate.labels import Tries, endpoint_of, status_class_of
from notion_sync_core.gate.policy import RequestStats, RetryPolicy
from notion_sync_core.terminal import counted

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_PAUSE_S = 900.0
"""A service that asks for more than this is taken to be down."""


class Gate:
    """Wraps calls to one service: ``gate(call, *args)`` gives what ``call(*args)`` gives.

    ``call`` makes one request and raises :class:`RetryableError` where the same request may work
    later; any other error goes to the caller at once. Events name the request as ``call`` says, if it is marked
    with :func:`~notion_sync_core.gate.labels.endpoint`, and its outcome by ``status`` of the error.

    :param target: the service's name in events, such as its host.
    :param max_requests: stop with :class:`LimitReached` before the next one.
    """

    def __init__(
        self,
        target: str,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        budget: Budget | None = None,
        policy: RetryPolicy | None = None,
        breaker: Breaker | None = None,
        max_requests: int | None = None,
    ) -> None:
        self.target = target
        self.stats = RequestStats()
        self.ping: Callable[[], object] | None = None
        """Asks whether the service is alive, to tell a dead service from one poisoned object."""
        self.helpers: Helpers | None = None
        """Who may make calls before their turn."""
        self._clock = clock
        self._publish = publish
        self._budget = budget or NoBudget(clock)
        self._is_main = budget is not None
        self._policy = policy or RetryPolicy()
        self.breaker = breaker or Breaker(clock, lambda state: publish(BreakerChanged(target, state)))
        self._max_requests = max_requests
        self._answered_once = False
        self._mute = 0
        """Refusals in a row that did not say how long to wait."""
        self._hosts: dict[str, Gate] = {}
        self._lock = threading.Lock()
        self._random = random.Random()

    def host(self, name: str) -> Gate:
        """The gate to another host, such as a file store: its own breaker, no budget."""
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = Gate(name, self._clock, self._publish, policy=self._policy)
            return self._hosts[name]

    def measure(self) -> BudgetMeasured | None:
        """How much of the budget is taken; ``None``: there is no limit."""
        allowed, window_s = self._budget.allowed
        return BudgetMeasured(self._budget.used, allowed, window_s) if allowed else None

    def close(self) -> None:
        """Give unused budget back."""
        self._budget.close()

    def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make the call, waiting and repeating as needed.

        :raises UnreachableError: the service stays down.
        :raises RetryableError: the service is alive, but this request failed each time.
        """
        try:
            return self._once(call, args, kwargs)
        except RetryableError as error:
            return self._again(error, call, args, kwargs)

    def once(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call that writes: it is repeated only after an answer that says that nothing was done (429, 529).

        :raises DoubtError: it failed in a way that leaves open whether it was done.
        :raises UnreachableError: the service asks for more patience than there is.
        """
        tries = Tries(endpoint_of(call, args, kwargs), self._clock.monotonic())
        while True:
            try:
                return self._once(call, args, kwargs)
            except RetryableError as error:
                if not error.throttled:
                    self._doubt(error, tries)
                if self._clock.monotonic() - tries.began >= self._policy.deadline_s:
                    self._give_up(error, tries)
                self._announce(error, tries, 0.0)
            tries.made += 1
            self.stats.add("retried")

    def _doubt(self, error: RetryableError, tries: Tries) -> NoReturn:
        self._publish(tries.told(self.target, error, "doubt"))
        doubt = DoubtError(f"{error.message}: it may have been done all the same", saved=error.saved)
        doubt.status, doubt.request_id, doubt.attempts = error.status, error.request_id, tries.made
        raise doubt from error

    def prefetch(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Prefetched[T] | None:
        """Begin a call whose answer is wanted soon, on a thread that has nothing else to do.

        :returns: takes the answer once, or is cancelled; ``None`` if every thread is busy.
        """
        helpers = self.helpers
        return prefetch(helpers, partial(self, call, *args, **kwargs)) if helpers else None

    def _again(self, first: RetryableError, call: Callable[P, T], args: Any, kwargs: Any) -> T:
        """Repeat a call whose first try failed."""
        tries = Tries(endpoint_of(call, args, kwargs), self._clock.monotonic(), failures=int(not first.throttled))
        if tries.failures >= self._policy.max_attempts:
            self._give_up(first, tries)

        def attempt() -> T:
            tries.made += 1
            self.stats.add("retried")
            try:
                return self._once(call, args, kwargs)
            except RetryableError as error:
                tries.failed(error)
                raise

        def wait(state: tenacity.RetryCallState) -> float:
            outcome = state.outcome
            return self._wait(outcome.exception() if outcome else None, state.attempt_number + 1)

        def announce(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, RetryableError):
                self._announce(error, tries, state.next_action.sleep if state.next_action else 0.0)

        retrying = tenacity.Retrying(
            sleep=self._clock.sleep,
            wait=wait,
            stop=lambda _: self._is_spent(tries),
            retry=tenacity.retry_if_exception_type(RetryableError),
            before_sleep=announce,
            reraise=True,
        )
        seconds = self._wait(first, 1)
        self._announce(first, tries, seconds)
        if seconds:
            self._clock.sleep(seconds)
        try:
            return retrying(attempt)
        except RetryableError as error:
            self._give_up(error, tries)

    def _is_spent(self, tries: Tries) -> bool:
        waited = self._clock.monotonic() - tries.began
        offline = not self._answered_once and waited >= self._policy.offline_after_s
        return tries.failures >= self._policy.max_attempts or waited >= self._policy.deadline_s or offline

    def _announce(self, error: RetryableError, tries: Tries, seconds: float) -> None:
        """It is tried again."""
        self._publish(tries.told(self.target, error, "retry", seconds))
        if seconds:
            self._publish(Waited(seconds, "retry", error.message))

    def _give_up(self, error: RetryableError, tries: Tries) -> NoReturn:
        error.attempts = tries.made
        self._publish(tries.told(self.target, error, "give up"))
        self._blame(error)
        raise error

    def _wait(self, error: BaseException | None, attempt: int) -> float:
        """Seconds before the next try: what the service asked for, else full jitter."""
        if isinstance(error, RetryableError):
            if error.throttled:
                return 0.0  # the pause holds everybody, this caller too
            if error.retry_after is not None:
                return min(error.retry_after, LONGEST_PAUSE_S)
        longest = self._policy.max_wait_s if self._answered_once else self._policy.offline_after_s / 5
        return self._random.uniform(0, min(longest, self._policy.first_wait_s * 2**attempt))

    def _blame(self, error: RetryableError) -> None:
        """All tries are spent: is it the service, or this one request?

        :raises UnreachableError: it is the service.
        """
        if error.answered:
            return
        if self.ping is not None and self._answered_once:
            try:
                self.ping()
            except RetryableError:
                pass
            except NotionSyncError:
                return
            else:
                self.breaker.succeeded()
                return
        elif self.breaker.state == "closed":
            return
        raise UnreachableError(
            f"{self.target} does not answer: {error.message}",
            "Check the network, the proxy settings and the service's status page, then run the same command "
            "again: it goes on where it was.",
        ) from error

    def _once(self, call: Callable[..., T], args: Any, kwargs: Any) -> T:
        self._admit()
        started = self._clock.monotonic()
        ok, status = False, ""
        try:
            result = call(*args, **kwargs)
            ok, status = True, "2xx"
        except RetryableError as error:
            status = status_class_of(error)
            if error.throttled:
                self.breaker.succeeded()
                self._throttled(error)
            elif error.answered:
                ok = True
            else:
                self.breaker.failed()
            raise
        except NotionSyncError as error:
            ok, status = True, status_class_of(error)  # the service answered, if only to refuse
            raise
        except BaseException:
            self.breaker.failed()
            raise
        finally:
            self._budget.answered()
            seconds, endpoint = self._clock.monotonic() - started, endpoint_of(call, args, kwargs)
            self._publish(RequestFinished(self.target, seconds, ok, endpoint, status))
            if ok:
                self._answered_once = True
                self._mute = 0
                self.breaker.succeeded()
        return result

    def _admit(self) -> None:
        """Wait until a request may be sent, and count it."""
        self._clock.check()
        self._wait_until_free(self._budget.take, "budget")
        try:
            # The breaker comes last: whoever it lets through is its probe and must not wait again.
            self._wait_until_free(self._breaker_wait, "breaker")
        except BaseException:
            self._budget.answered()
            raise
        with self._lock:
            if self._max_requests is not None and self.stats.total >= self._max_requests:
                self._budget.answered()
                raise LimitReached(
                    f"the limit of {counted(self._max_requests, 'request')} was reached",
                    "Run the same command again to go on from here.",
                )
            self.stats.total += 1
            is_first = self.stats.total == 1
        if is_first and self._is_main:
            self._publish(RequestsBegan(self.target, *self._budget.allowed))

    def _breaker_wait(self) -> float:
        # A service that never answered is given up soon; until then it is asked in short intervals.
        return self.breaker.wait_time() if self._answered_once else 0.0

    def _wait_until_free(self, ask: Callable[[], float], reason: str) -> None:
        while (wait := ask()) > 0:
            if wait >= 0.5:
                if reason == "budget" and (measured := self.measure()) is not None:
                    self._publish(measured)  # what is told now and then would be from before
                self._publish(Waited(wait, reason))
            self._clock.sleep(wait)

    def _silence(self, asked: float | None) -> float:
        """What the service asked for; if it did not say, longer each time in a row."""
        with self._lock:
            self._mute = 0 if asked else self._mute + 1
            exponent = self._mute - 1
        return max(asked, 0.05) if asked else self._random.uniform(0.5, 1.0) * min(60.0, 2.0**exponent)

    def _throttled(self, error: RetryableError) -> None:
        self.stats.add("rate_limited")
        seconds = self._silence(error.retry_after)
        if seconds > LONGEST_PAUSE_S:
            raise UnreachableError(
                f"{self.target} asks for silence of {seconds:.0f} s: {error.message}",
                f"Run the same command again in {seconds / 60:.0f} minutes: it goes on where it was.",
            )
        self._answered_once = True
        self._budget.pause(seconds)
        self._publish(Waited(seconds, "rate limit", error.message))


class PatientGate(Gate):
    """Another gate's budget, limits and breaker, but no repeating: for asking a service once whether it lives."""

    def __init__(self, whole: Gate) -> None:
        super().__init__(whole.target, whole._clock, whole._publish)
        self._whole = whole

    def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make the call once."""
        return self._whole._once(call, args, kwargs)

    def once(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write once, as the other gate does."""
        return self._whole.once(call, *args, **kwargs)


class DirectGate(Gate):
    """No waiting and no repeating: for asking once whether a service is there at all."""

    def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make the call."""
        return call(*args, **kwargs)
