"""What the commands of a fleet work with, by what the configuration says."""

from __future__ import annotations

import os
import platform
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from notion_sync_core import Job
from notion_sync_core.cli.options import load_job, set_up_logging
from notion_sync_core.plugin import ConfigError, SinkError, SystemClock, __version__
from notion_sync_fleet.options import NAME, FleetOptions, options_of
from notion_sync_fleet.outcome import Rules
from notion_sync_fleet.vault import Vault
from notion_sync_fleet.worker import Pace, Worker

if TYPE_CHECKING:
    from notion_sync_fleet.connection import Connection
    from notion_sync_fleet.desk import Desk

_FILE = "file:"


@frozen(slots=False)
class Office:
    """The desk and the vault of one fleet; the way to the desk is open until it is closed."""

    main: Job
    options: FleetOptions
    address: str = field(repr=False)
    connection: Connection

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()

    @cached_property
    def desk(self) -> Desk:
        """The desk."""
        from notion_sync_fleet.desk import Desk
        from notion_sync_fleet.postgres import PostgresTables

        return Desk(PostgresTables(self.connection), Rules(self.options.lease_s, self.options.most_lost))

    def vault(self, job: str) -> Vault:
        """The place of one job.

        :raises ConfigError: the configuration does not say where the vault is.
        """
        from notion_sync_fleet.places import place_of

        if not self.options.vault:
            raise ConfigError(
                f"{NAME}.vault is not set: nobody knows where turns leave what they have done",
                f'Set it to a folder that all workers see, or a bucket: {NAME}.vault = "s3://bucket/vault"',
            )
        return Vault(place_of(self.options.vault, job))

    def make_the_vault(self) -> None:
        """If it is a folder: nobody else makes it, for where it is not mounted it would be another one.

        :raises ConfigError: the configuration does not say where the vault is, or it is neither folder nor bucket.
        :raises SinkError: it cannot be made.
        """
        if "://" not in self.options.vault and Path(self.options.vault).is_absolute():
            try:
                Path(self.options.vault).mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise SinkError(f"the vault cannot be made: {error.strerror}", "Make it, or name another.") from error
        self.vault("probe")

    def worker(self, scratch: Path, slots: int | None = None) -> Worker:
        """A worker on this machine.

        :param scratch: where each turn has its folder.
        :param slots: turns at a time; ``None``: as the configuration says.
        :raises SinkError: the vault cannot be reached.
        """
        from notion_sync_fleet.process import LOG_FORMAT, Launcher

        next(iter(self.vault("probe").place.paths("")), None)
        pace = Pace(slots or self.options.slots, self.options.lease_s, self.options.longest_turn_s)
        secrets = self.main.secrets
        launch = Launcher(
            self.address,
            self.options.vault,
            pace.grace_s,
            lambda each: secrets.resolve(each).reveal(),
            {**os.environ, LOG_FORMAT: self.main.config.monitoring.log_format},
            scratch,
        )
        name = f"{platform.node() or 'worker'}:{os.getpid()}"
        return Worker(name, self.desk, launch, SystemClock(), pace, version_of(__version__))


def version_of(text: str) -> tuple[int, ...]:
    """A version whose numbers say which of two is the newer."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def opened(
    *,
    config_file: Path | None,
    settings: tuple[str, ...],
    log_format: str | None,
    verbose: int,
    quiet: bool,
    level: int = 0,
) -> Office:
    """The office of the fleet that a configuration describes.

    :param level: of the log, at least.
    :raises ConfigError: it does not say where the desk is, or psycopg is not installed.
    """
    main = load_job(config_file, settings, log_format=log_format)
    set_up_logging(max(verbose, level), quiet, main)
    options = options_of(main)
    if not options.desk:
        raise ConfigError(
            f"{NAME}.desk is not set: nobody knows where the desk is",
            f'Set it to where the address of a PostgreSQL is: {NAME}.desk = "env:NOTION_SYNC_DESK"',
        )
    address = _resolved(main, options.desk)
    main.redactor().know(address)
    try:
        from notion_sync_fleet.connection import Connection
    except ImportError as error:
        raise ConfigError(
            f"the desk needs psycopg, which cannot be imported: {error}", "pip install 'psycopg[binary]'"
        ) from error
    return Office(main, options, address, Connection(address))


def _resolved(main: Job, reference: str) -> str:
    """:raises ConfigError: it is no reference, or nothing is there. The message does not show it."""
    if reference.startswith(_FILE):
        path = main.config.located(reference.removeprefix(_FILE), main.config.origins.get(f"{NAME}.desk"))
        reference = f"{_FILE}{path}"
    try:
        return main.secrets.resolve(reference).reveal()
    except ValueError:
        raise ConfigError(
            f"{NAME}.desk must say where the address is, not what it is, for it may hold a password",
            "Write env:NAME, file:PATH or keyring:NAME.",
        ) from None
