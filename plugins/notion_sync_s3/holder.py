"""Who holds a lock: enough to tell others, and to see from the same machine that it is dead."""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from pathlib import Path

import orjson
from attrs import asdict, evolve, fields, frozen


@frozen
class Holder:
    """One process that holds a lock, or held it."""

    run: str
    token: str
    """Unlike any other run's, to know our own record again after a lost answer."""
    host: str
    pid: int
    machine: str
    """The same for processes that see each other's ids: one boot of one machine, one container."""
    started: str
    """When the process began, in the kernel's ticks: ids are used again."""
    released: bool = False

    @classmethod
    def here(cls, run: str) -> Holder:
        """This process."""
        pid = os.getpid()
        return cls(run, uuid.uuid4().hex, socket.gethostname(), pid, machine(), started(pid))

    @classmethod
    def parse(cls, record: bytes) -> Holder | None:
        """A holder from its record; ``None`` if it cannot be understood."""
        try:
            data = orjson.loads(record)
            known = {field.name for field in fields(cls)}
            return cls(**{name: value for name, value in data.items() if name in known})
        except (orjson.JSONDecodeError, AttributeError, TypeError):
            return None

    def record(self) -> bytes:
        """What others read."""
        return orjson.dumps(asdict(self))

    def done(self) -> Holder:
        """The same, having given the lock back."""
        return evolve(self, released=True)

    def is_dead(self) -> bool:
        """Whether it ran on this machine and certainly does no more."""
        return bool(self.machine) and self.machine == machine() and started(self.pid) != self.started

    def __str__(self) -> str:
        return f"run {self.run}, process {self.pid} on {self.host}"


def machine(proc: Path = Path("/proc")) -> str:
    """A name for this boot of this machine and this space of process ids; ``""`` where neither can be told."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        space = (proc / "self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {space}".encode()).hexdigest()[:16]


def started(pid: int, proc: Path = Path("/proc")) -> str:
    """When a process began; ``""`` if there is none."""
    try:
        stat = (proc / str(pid) / "stat").read_text()
    except OSError:
        return ""
    # The name before the last ")" may hold anything; the state follows, then eighteen more fields.
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]
