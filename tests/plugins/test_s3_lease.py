"""One holder at a time, whatever pauses, dies, races or loses its answers; time is the test's."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_core.errors import LockedError, SinkError, UnreachableError
from notion_sync_core.testing import FakeClock
from notion_sync_s3 import lease as lease_module
from notion_sync_s3.errors import Refused
from notion_sync_s3.holder import Holder, machine, started
from notion_sync_s3.lease import LEASE_S, MARGIN_S, Lease

FOLDER = "docs/.notion-sync/lock/"


class MemoryStore:
    """A store with conditions and a clock of its own, as strict as S3."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.conditional = True
        self.knows_conditions = True
        self.lose_answers = 0
        self.down = False

    def create(self, key: str, body: bytes) -> bool:
        self._check()
        if not self.knows_conditions:
            raise Refused("no", "", "NotImplemented", 501)
        if key in self.objects and self.conditional:
            return False
        self.put(key, body)
        if self.lose_answers:
            self.lose_answers -= 1
            return self.create(key, body)  # as the gate does
        return True

    def put(self, key: str, body: bytes) -> None:
        self._check()
        self.objects[key] = (body, self.clock.time)

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key, (None,))[0]

    def ages(self, prefix: str) -> dict[str, float]:
        self._check()
        return {key: self.clock.time - written for key, (_, written) in self.objects.items() if key.startswith(prefix)}

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def _check(self) -> None:
        if self.down:
            raise UnreachableError("the store does not answer")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(FakeClock())


def make(store: MemoryStore, name: str, **given: object) -> Lease:
    holder = Holder(name, f"token of {name}", f"host-{name}", 7, f"machine of {name}", "1")
    return Lease(store, FOLDER, "s3://bucket/docs", holder, store.clock, **given)


def test_the_first_lock_has_number_one_and_says_who_holds_it(store: MemoryStore) -> None:
    lease = make(store, "one")
    lease.acquire()
    assert lease.number == 1
    holder = Holder.parse(store.objects[f"{FOLDER}0000000001"][0])
    assert str(holder) == "run one, process 7 on host-one"


def test_who_comes_second_is_told_by_whom_and_what_to_do(store: MemoryStore) -> None:
    make(store, "one").acquire()
    store.clock.time += 4
    with pytest.raises(LockedError, match="run one, process 7 on host-one, lock 1, seen 4 s ago") as raised:
        make(store, "two").acquire()
    assert "Wait until it has finished" in raised.value.remedy
    assert len(store.objects) == 1


def test_who_is_willing_to_wait_gets_the_lock_once_it_is_free(store: MemoryStore) -> None:
    first = make(store, "one")
    first.acquire()
    store.clock.time += LEASE_S - 5
    second = make(store, "two")
    second.acquire(timeout_s=30)
    assert second.number == 2
    assert sum(store.clock.sleeps) == 6


def test_a_lock_that_was_given_back_is_free_at_once_and_numbers_go_on(store: MemoryStore) -> None:
    for number in (1, 2, 3):
        lease = make(store, f"run {number}")
        lease.acquire()
        assert lease.number == number
        lease.release()
    assert list(store.objects) == [f"{FOLDER}0000000003"]


def test_a_lease_that_nobody_renewed_is_taken_over_and_its_holder_notices(store: MemoryStore) -> None:
    dead = make(store, "dead")
    dead.acquire()
    store.clock.time += LEASE_S + 0.1
    new = make(store, "new")
    new.acquire()
    assert new.number == 2
    for _ in range(2):
        with pytest.raises(LockedError, match="run new"):
            dead.check()
        with pytest.raises(LockedError):
            dead.renew()
    dead.release()
    new.check()
    assert not Holder.parse(store.objects[f"{FOLDER}0000000002"][0]).released


def test_a_lease_renewed_in_time_is_never_free(store: MemoryStore) -> None:
    lease, other = make(store, "one"), make(store, "two")
    lease.acquire()
    for _ in range(10):
        store.clock.time += 5
        lease.renew()
        lease.check()
        with pytest.raises(LockedError):
            other.acquire()
    assert lease.number == 1


@pytest.mark.parametrize("call", ["check", "renew"])
def test_a_holder_that_slept_too_long_must_win_the_next_number(store: MemoryStore, call: str) -> None:
    lease = make(store, "sleepy")
    lease.acquire()
    store.clock.time += 100
    getattr(lease, call)()
    assert lease.number == 2
    lease.check()
    with pytest.raises(LockedError):
        make(store, "other").acquire()


def test_a_renewal_that_took_too_long_counts_for_nothing(store: MemoryStore) -> None:
    lease = make(store, "slow")
    lease.acquire()
    write = store.put

    def slowly(key: str, body: bytes) -> None:
        store.clock.time += LEASE_S + 1
        other = make(store, "quick")
        other.acquire()
        write(key, body)

    store.put = slowly  # type: ignore[method-assign]
    store.clock.time += 1
    # The probe of the quick one goes through create, which must not be slow as well.
    store.create = lambda key, body: False if key in store.objects else write(key, body) is None  # type: ignore[method-assign]
    with pytest.raises(LockedError, match="run quick"):
        lease.renew()


def test_a_clock_that_is_set_forward_costs_a_number_and_no_more(store: MemoryStore) -> None:
    lease = make(store, "one")
    lease.acquire()
    lease._clock = clock = FakeClock(store.clock.time)
    clock.now = lambda: clock.time + 3600  # type: ignore[method-assign]
    lease.check()
    assert lease.number == 2


def test_a_lost_answer_to_the_conditional_put_is_recognised_as_ours(store: MemoryStore) -> None:
    store.lose_answers = 1
    lease = make(store, "one")
    lease.acquire()
    assert lease.number == 1


def test_a_lost_answer_is_not_mistaken_for_ours_when_another_won(store: MemoryStore) -> None:
    first, second = make(store, "one"), make(store, "two")
    create = store.create

    def beaten(key: str, body: bytes) -> bool:
        store.create = create  # type: ignore[method-assign]
        first.acquire()
        return create(key, body)

    store.create = beaten  # type: ignore[method-assign]
    with pytest.raises(LockedError, match="run one"):
        second.acquire()


def test_who_looked_long_ago_does_not_take_a_number_that_was_cleared_away(store: MemoryStore) -> None:
    late = make(store, "late")
    create = store.create

    def meanwhile(key: str, body: bytes) -> bool:
        store.create = create  # type: ignore[method-assign]
        for name in ("one", "two"):
            lease = make(store, name)
            lease.acquire()
            if name == "one":
                lease.release()
        assert list(store.objects) == [f"{FOLDER}0000000002"]
        return create(key, body)

    store.create = meanwhile  # type: ignore[method-assign]
    with pytest.raises(LockedError, match="run two"):
        late.acquire()
    assert list(store.objects) == [f"{FOLDER}0000000002"]


def test_a_store_without_conditions_is_refused_unless_a_single_writer_is_promised(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.conditional = False
    with pytest.raises(SinkError, match="ignores If-None-Match") as raised:
        make(store, "one").acquire()
    assert "single_writer = true" in raised.value.remedy
    assert store.objects == {}
    promised = make(store, "one", single_writer=True)
    promised.acquire()
    assert "only works because single_writer is set" in caplog.text
    # What can be noticed still is.
    with pytest.raises(LockedError):
        make(store, "two", single_writer=True).acquire()


def test_a_store_that_does_not_know_the_header_is_treated_alike(store: MemoryStore) -> None:
    store.knows_conditions = False
    with pytest.raises(SinkError, match="ignores If-None-Match"):
        make(store, "one").acquire()
    make(store, "one", single_writer=True).acquire()


def test_other_refusals_come_through(store: MemoryStore) -> None:
    def refuse(key: str, body: bytes) -> bool:
        raise Refused("no such bucket", "", "NoSuchBucket", 404)

    store.create = refuse  # type: ignore[method-assign]
    with pytest.raises(Refused, match="no such bucket"):
        make(store, "one").acquire()


def test_foreign_objects_beside_the_locks_are_left_alone(store: MemoryStore) -> None:
    store.put(f"{FOLDER}README", b"hello")
    store.put(f"{FOLDER}0000000009", b"not json")
    store.clock.time += 60
    lease = make(store, "one")
    lease.acquire()
    assert lease.number == 10
    assert sorted(store.objects) == [f"{FOLDER}0000000010", f"{FOLDER}README"]


def test_a_record_nobody_understands_is_held_by_somebody_unknown(store: MemoryStore) -> None:
    store.put(f"{FOLDER}0000000001", b"[]")
    with pytest.raises(LockedError, match="unknown, lock 1"):
        make(store, "one").acquire()


def test_a_dead_process_of_this_machine_holds_nothing() -> None:
    store = MemoryStore(FakeClock())
    here = Holder.here("dead")
    assert not here.is_dead()
    dead = attrs.evolve(here, started="0")
    Lease(store, FOLDER, "s3://bucket/docs", dead, store.clock).acquire()
    lease = make(store, "next")
    lease.acquire()
    assert lease.number == 2


def test_a_machine_that_cannot_be_told_has_no_dead_processes(tmp_path: Path) -> None:
    assert machine(tmp_path) == ""
    assert started(1, tmp_path) == ""
    assert not attrs.evolve(Holder.here("x"), machine="", started="0").is_dead()


def test_a_process_that_ended_and_was_not_waited_for_is_dead(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    fields = " ".join(str(number) for number in range(4, 30))
    (tmp_path / "7" / "stat").write_text(f"7 (a) b) S {fields}")
    assert started(7, tmp_path) == "22"
    (tmp_path / "7" / "stat").write_text(f"7 (a) b) Z {fields}")
    assert started(7, tmp_path) == ""


def test_the_thread_renews_until_the_lock_is_given_back(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "RENEW_S", 0.001)
    lease = make(store, "one")
    lease.acquire()
    renewed = threading.Event()
    write, calls = store.put, []

    def put(key: str, body: bytes) -> None:
        write(key, body)
        calls.append(key)
        if len(calls) == 3:
            renewed.set()

    store.put = put  # type: ignore[method-assign]
    lease.start()
    assert renewed.wait(30)
    monkeypatch.setattr(lease_module, "RENEW_S", 30)
    lease.release()
    assert Holder.parse(store.objects[f"{FOLDER}0000000001"][0]).released


def test_the_thread_survives_a_store_that_is_down_and_ends_when_the_lock_is_lost(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease_module, "RENEW_S", 0.001)
    lease = make(store, "one")
    lease.acquire()
    warned = threading.Event()
    monkeypatch.setattr(lease_module._log, "warning", lambda *_: warned.set())
    store.down = True
    lease.start()
    assert warned.wait(30)
    store.down = False
    store.clock.time += LEASE_S + 1
    store.put(f"{FOLDER}0000000005", Holder("five", "t", "h", 1, "m", "1").record())
    assert lease._thread is not None
    lease._thread.join(30)
    assert not lease._thread.is_alive()
    with pytest.raises(LockedError, match="run five"):
        lease.check()


def test_a_key_without_permission_to_delete_can_still_lock(store: MemoryStore) -> None:
    def refuse(keys: Sequence[str]) -> None:
        raise Refused("no", "", "AccessDenied", 403)

    store.delete = refuse  # type: ignore[method-assign]
    for number in (1, 2):
        lease = make(store, f"run {number}")
        lease.acquire()
        assert lease.number == number
        lease.release()


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(["step", "sleep", "beat", "release"]), max_size=60))
def test_no_schedule_gives_two_runs_a_valid_lock(seed: int, steps: list[str]) -> None:
    clock = FakeClock()
    store = MemoryStore(clock)
    choice = random.Random(seed)
    names = iter(range(1000))
    leases: list[Lease] = []
    for step in steps:
        match step:
            case "step":
                lease = make(store, str(next(names)))
                try:
                    lease.acquire()
                    leases.append(lease)
                except LockedError:
                    pass
            case "sleep":
                clock.time += choice.uniform(0, 2 * LEASE_S)
            case "beat" if leases:
                with contextlib.suppress(LockedError):
                    choice.choice(leases).renew()
            case "release" if leases:
                leases.pop(choice.randrange(len(leases))).release()
            case _:
                pass
        valid = [lease for lease in leases if lease._is_valid() and lease._lost is None]
        assert len(valid) <= 1
        assert len({lease.number for lease in leases}) == len(leases)


def test_the_holder_counts_its_lease_as_shorter_than_others_do() -> None:
    assert 0 < MARGIN_S < LEASE_S
