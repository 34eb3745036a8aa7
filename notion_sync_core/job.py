"""A job: one configuration, its identity, and the parts it is made of."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

from attrs import field, frozen

from notion_sync_core import config as configuration
from notion_sync_core import home, identity
from notion_sync_core.clock import Clock
from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.places import no_root
from notion_sync_core.config.secrets import Secrets
from notion_sync_core.errors import ConfigError, NotionSyncError
from notion_sync_core.events import BreakerChanged, Event
from notion_sync_core.gate.breaker import Breaker
from notion_sync_core.gate.budget import Budget, NoBudget, WindowBudget, fingerprint
from notion_sync_core.gate.gate import Gate, PatientGate
from notion_sync_core.gate.policy import RetryPolicy
from notion_sync_core.host import Host
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import root_from_text
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.entries import (
    listener_specs,
    names_installed,
    offered,
    origins_of,
    refuse_tables_of_nobody,
    spec_of,
    specs_of,
)
from notion_sync_core.plugins.listener import Listener
from notion_sync_core.plugins.one_file import called
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.source import Source
from notion_sync_core.plugins.target import Target
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.stages.render import make_renderers, make_sinks
from notion_sync_core.stages.selection import Selection
from notion_sync_core.state import State
from notion_sync_core.watch.redact import Redactor


@frozen
class Job:
    """One configuration: a source, what of it, renderers and sinks.

    It finds its state again by ``export.id``, else by the id in its sinks' manifests, else by where it wrote,
    whatever else is configured; see :mod:`notion_sync_core.identity`.
    """

    config: Config
    environ: Mapping[str, str] = field(factory=lambda: os.environ, eq=False, repr=False)
    given: Mapping[str, Mapping[str, Any]] = field(factory=dict, eq=False, repr=False)
    """By kind and name: plugins that a program gave, in place of those that are installed."""
    host: Host = field(factory=Host, eq=False, repr=False)
    """What its runs share with others, and where that is."""
    _asks: dict[str, Callable[[str], str]] = field(factory=dict, init=False, eq=False, repr=False)
    """What can be asked while a run has its source: what a root stands for."""

    @classmethod
    def load(
        cls,
        file: str | Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        settings: Iterable[str] = (),
        flags: Mapping[str, Any] | None = None,
        use_default_file: bool = True,
        mistakes: list[NotionSyncError] | None = None,
    ) -> Self:
        """Read a job's configuration; see :func:`notion_sync_core.config.load`.

        :param mistakes: takes what is wrong; ``None``: the first mistake is raised.
        :raises ConfigError: it cannot be used.
        """
        environ = os.environ if environ is None else environ
        path = None if file is None else Path(file)
        config = configuration.load(
            path, environ=environ, settings=settings, flags=flags, use_default_file=use_default_file,
            installed=names_installed, mistakes=mistakes,
        )  # fmt: skip
        refuse_tables_of_nobody(config, mistakes=mistakes)
        return cls(config, environ)

    @property
    def roots(self) -> tuple[str, ...]:
        """Ids of the objects that are exported with all below them, each once.

        As soon as there is a gate to the source, what the given roots stand for: the page that a block stands in.
        """
        given = self.given_roots
        if "resolve" in self._asks and given:
            # One after the other they would take as long as all listings.
            with ThreadPoolExecutor(min(len(given), self.config.performance.workers)) as threads:
                given = tuple(threads.map(self._asks["resolve"], given))
        return tuple(dict.fromkeys(given))

    @property
    def given_roots(self) -> tuple[str, ...]:
        """Ids of the roots as they were given, each once.

        :raises ConfigError: a root is neither an id nor a Notion URL.
        """
        ids = []
        for root in self.config.export.roots:
            found = root_from_text(root)
            if found is None:
                raise no_root(root)
            ids.append(found)
        return tuple(dict.fromkeys(ids))

    @cached_property
    def selection(self) -> Selection:
        """Which rows are exported."""
        return Selection(self.config.export.only)

    def renderers(self, watch: Watch | None = None) -> list[Renderer]:
        """The renderers, built."""
        return make_renderers(self.renderer_specs(), self.origins, watch, self.secrets.resolve)

    def sinks(self, watch: Watch | None = None) -> list[Sink]:
        """The sinks, built and closed.

        :raises ConfigError: two of them are one place.
        """
        sinks = make_sinks(self.sink_specs(), self.origins, watch, self.secrets.resolve)
        places = [sink.location for sink in sinks]
        twice = sorted({place for place in places if places.count(place) > 1})
        if twice:
            raise ConfigError(
                f"export.sinks: two sinks write to {twice[0]}", "Give each a place of its own, or leave one out."
            )
        for place in filter(os.path.isabs, places):
            home.keep_apart(self.home, place)
        return sinks

    def listeners(self, watch: Watch | None = None) -> list[Listener]:
        """The listeners, the same in all runs of this job: what they count goes on."""
        return [listener.watched(watch) for listener in self._listeners] if watch else self._listeners

    @cached_property
    def _listeners(self) -> list[Listener]:
        built = [build(spec, self.origins, None, self.secrets.resolve) for spec in self.listener_specs()]
        return [Listener(each.name, each.plugin, each.hooks) for each in built]

    def renderer_specs(self) -> list[Spec]:
        """How to build the renderers."""
        return self.specs("renderers", self.config.export.renderers)

    def sink_specs(self) -> list[Spec]:
        """How to build the sinks, with absolute paths."""
        return self.specs("sinks", self.config.export.sinks)

    def listener_specs(self) -> list[Spec]:
        """How to build the listeners."""
        return listener_specs(self.config, self.specs)

    def specs(self, kind: str, entries: Iterable[PluginEntry]) -> list[Spec]:
        """How to build plugins of a kind, from their entries in a configuration."""
        return specs_of(self.config, self.origins, kind, entries, self.given.get(kind, {}))

    def spec_of(self, spec: Spec) -> Spec:
        """How to build one plugin: what a program gave as it is, others with the paths of the configuration."""
        return spec_of(self.config, self.origins, spec, self.given.get(spec.kind, {}))

    @property
    def renders_here(self) -> bool:
        """Whether a program gave renderers, sinks or what lies beneath the mirror: no other process has that."""
        return bool(self.given.get("renderers") or self.given.get("sinks") or self.host.versions)

    @cached_property
    def origins(self) -> Mapping[str, str]:
        """Where each option came from."""
        return origins_of(self.config)

    def source(self, watch: Watch | None = None) -> Source:
        """The source, built.

        :raises NotAuthorisedError: it needs a token and there is none.
        """
        use = self.config.export.source
        name = called(use)
        given = self.config.plugins.get(name, {})
        ours = use not in self.given.get("sources", {})
        options = {**offered(self.config, use, given, self.secrets.token), **given} if ours else given
        spec = self.spec_of(Spec("sources", name, use, options))
        built = build(spec, self.origins, watch, self.secrets.resolve)
        return Source(built.name, built.plugin, built.hooks)

    @cached_property
    def secrets(self) -> Secrets:
        """Finds the secrets of this job."""
        return Secrets(self.config.notion, self.environ)

    def redactor(self) -> Redactor:
        """Takes the secrets of this job out of texts; always the same one, which learns of secrets as they are read."""
        return self.secrets.redact

    @property
    def id(self) -> str:
        """See :mod:`~notion_sync_core.identity`; of a job that never ran a new one.

        :raises StateError: its sinks belong to different jobs, or the states to another user.
        """
        return self.identity.id

    @cached_property
    def identity(self) -> identity.Identity:
        """Which job it is.

        :raises StateError: its sinks belong to different jobs, or the states to another user.
        """
        try:
            return identity.resolve(self.config.export.id, self._places, self.home, self.legacy_id)
        except PermissionError:
            raise home.not_ours(self.home) from None

    @cached_property
    def _places(self) -> list[Sink]:
        """The sinks, to be looked at only."""
        return self.sinks()

    @cached_property
    def legacy_id(self) -> str:
        """What the id of a job was when it was a hash of source, roots and sinks."""
        parts = [self.config.export.source, sorted(self.given_roots), sorted(sink.location for sink in self._places)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def scope(self) -> str:
        """What of the source this job is about: another scope in the same sinks is another export."""
        return json.dumps([called(self.config.export.source), sorted(self.given_roots)])

    @property
    def home(self) -> Path:
        """The folder that holds the state of all jobs of this user.

        :raises ConfigError: none is named, and this user has no home.
        """
        return home.state_home(self.config.deployment.state_dir)

    def folder(self, job_id: str | None = None) -> Path:
        """The folder of this job's state and mirror; made, readable by its owner only.

        :raises StateError: it cannot be made, or belongs to somebody else.
        """
        return home.private(self.home / (job_id or self.id))

    def history_folder(self, job_id: str | None = None) -> Path:
        """The folder of this job's versions; it may not be there yet."""
        store = self.config.history.store
        if not store or "://" in store:
            return self.home / (job_id or self.id) / "history"
        folder = Path(store).expanduser().resolve()
        for place in filter(os.path.isabs, (sink.location for sink in self._places)):
            home.keep_apart(folder, place)
        return folder / (job_id or self.id) / "history"

    def sink_at(self, url: str, watch: Watch | None = None) -> Sink:
        """A sink at a URL, beside those that this job writes to; closed.

        :raises ConfigError: no sink knows such a URL.
        """
        return make_sinks(self.specs("sinks", [{"url": url}]), self.origins, watch, self.secrets.resolve)[0]

    def open_state(self, *, read_only: bool = False) -> State:
        """The job's state.

        :param read_only: nothing is made or changed.
        """
        folder = self.home / self.id if read_only else self.folder()
        return State(folder / "state.sqlite", read_only=read_only)

    def open_mirror(self) -> Mirror:
        """The job's mirror."""
        return Mirror(self.folder() / "mirror")

    def has_state(self) -> bool:
        """Whether this job ever ran here.

        :raises StateError: that cannot be seen.
        """
        try:
            return (self.home / self.id / "state.sqlite").exists()
        except PermissionError:
            raise home.not_ours(self.home / self.id) from None

    def gate(
        self,
        source: Source,
        clock: Clock,
        publish: Callable[[Event], None],
        max_requests: int | None,
        budgets: Path | None = None,
    ) -> Gate:
        """The gate to the source's service.

        :param budgets: the folder for the budget's ledger, if not the one all jobs of this user share.
        """
        performance = self.config.performance
        breaker = Breaker(
            clock,
            lambda state: publish(BreakerChanged(source.host, state)),
            threshold=performance.breaker_threshold,
            cooldown_s=performance.breaker_cooldown_s,
        )
        policy, budget = RetryPolicy(performance.max_attempts), self.budget(source, clock, budgets or self.home)
        gate = Gate(
            source.host, clock, publish, budget=budget, policy=policy, breaker=breaker, max_requests=max_requests
        )
        if source.can_ping():
            once = PatientGate(gate)
            gate.ping = lambda: source.ping(once)
        self._asks.clear()
        if source.can_resolve():
            self._asks["resolve"] = cache(lambda root: source.resolve(root, gate))
        return gate

    def budget(self, service: Source | Target, clock: Clock, folder: Path | None = None) -> Budget:
        """The allowance that a source or target shares with others of its kind; one that names none is not paced."""
        performance = self.config.performance
        if not performance.requests or not service.budget:
            return NoBudget(clock)
        if self.host.budget is not None:
            return self.host.budget(fingerprint(service.budget), clock, performance.requests, performance.window_s)
        ledger = self.ledger(service, folder)
        ledger.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return WindowBudget(ledger, clock, performance.requests, performance.window_s)

    def ledger(self, service: Source | Target, folder: Path | None = None) -> Path:
        """The file that says who took what of the budget of a source or target.

        :param folder: of the ledgers, if not the one that all jobs of this user share.
        """
        return (folder or self.home) / "budgets" / f"{fingerprint(service.budget)}.json"
