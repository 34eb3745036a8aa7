"""What every exam is made of: checks with the reason for each, and somebody who holds a plugin to them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

from attrs import field, frozen

from notion_sync_core.errors import PluginError
from notion_sync_core.plugins.build import Built, checked
from notion_sync_core.testing.golden import Golden

Make = Callable[[Path], Any]
"""Builds a plugin. Every check gives it an empty folder of its own; a second call with the same folder asks for a
second instance at the same place."""
Looks = Callable[[Path], Iterable[tuple[str, str, bytes]]]
"""Looks at the place of a sink from outside; gives the name of each thing that lies there, what is said of it besides,
such as its media type, and its content. It gets the folder that the sink was made for.
"""
Status = Literal["passed", "failed", "skipped"]
KINDS = ("sources", "renderers", "sinks", "listeners", "targets")
_ROOMS = {kind: f"notion_sync_core.testing.{kind}" for kind in KINDS}


@frozen
class Given:
    """Builds a plugin, and has what its author gives the exam besides."""

    make: Make
    into: str = ""
    """For targets: the id of the page below which the exam may write; ``""``: the top."""
    reads: Make | None = None
    """For targets: makes a source that shows what was written."""
    golden: Golden | None = None
    """For sources, renderers and sinks: what they are known to make."""
    looks: Looks | None = None
    """For sinks: shows what they made."""

    @classmethod
    def of(cls, make: Make) -> Given:
        """What came with a maker: nothing, unless it is one of these."""
        return make if isinstance(make, cls) else cls(make)

    def __call__(self, folder: Path) -> Any:
        """The plugin."""
        return self.make(folder)


class NotApplicable(Exception):
    """A check has nothing to look at here; the message says why."""


class Bench(Protocol):
    """What a check works on: plugins made for it, and given back afterwards."""

    def close(self) -> None:
        """Give back what was opened."""


@frozen
class Check:
    """One demand on plugins of a kind."""

    name: str
    run: Callable[[Any], None] = field(repr=False)
    feature: str = ""
    """Only plugins that have it are asked; empty: all."""

    @property
    def reason(self) -> str:
        """What it demands and why that matters."""
        return inspect.cleandoc(self.run.__doc__ or "")


@frozen
class Feature:
    """Something that plugins of a kind may have or lack."""

    name: str
    doc: str
    found: Callable[[Any], bool] = field(repr=False)
    """Whether a plugin has it, by what it is or does on a bench."""


@frozen
class Outcome:
    """How one check ended."""

    name: str
    status: Status
    message: str = ""
    """Why it failed or was skipped."""


class Paper:
    """All checks of one kind, in the order in which they are asked.

    :param bench: makes what a check works on.
    :param features: what plugins of this kind may have.
    """

    def __init__(self, kind: str, bench: Callable[[Make, Path], Any], features: Iterable[Feature] = ()) -> None:
        self.kind = kind
        self.checks: dict[str, Check] = {}
        self.features = {feature.name: feature for feature in features}
        self._bench = bench

    def check(self, feature: str = "") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        """Add a check. Its docstring is the explanation that a failure comes with."""

        def add(run: Callable[[Any], None]) -> Callable[[Any], None]:
            self.checks[run.__name__] = Check(run.__name__, run, feature)
            return run

        return add

    def known(self, features: Iterable[str]) -> frozenset[str]:
        """The features that somebody names.

        :raises ValueError: there is none of that name.
        """
        named = frozenset(features)
        if unknown := sorted(named - set(self.features)):
            raise ValueError(f"{self.kind} have no feature {unknown[0]!r}; there are: {', '.join(self.features)}")
        return named

    def skips(self, check: Check, features: Collection[str]) -> str:
        """Why a check is not asked of a plugin with these features; ``""``: it is."""
        if check.feature and check.feature not in features:
            return f"not asked without the feature {check.feature!r}: {self.features[check.feature].doc}"
        return ""

    def ask(self, check: Check, make: Make, folder: Path) -> None:
        """Hold a plugin to one demand.

        :raises AssertionError: it does not meet it; the message says what was seen, what is demanded and why.
        :raises NotApplicable: there is nothing to look at.
        """
        bench = self._bench(make, folder)
        try:
            with contextlib.closing(bench):
                check.run(bench)
        except NotApplicable:
            raise
        except Exception as error:
            seen = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            raise AssertionError(f"{seen or 'not so'}\n\n{check.name}: {check.reason}") from error

    def has(self, feature: str, make: Make, folder: Path) -> bool:
        """Whether a plugin has a feature, whatever its author says."""
        with contextlib.closing(self._bench(make, folder)) as bench:
            return self.features[feature].found(bench)

    def declared(self, features: Collection[str], make: Make, folder: Path) -> None:
        """See :data:`DECLARED`.

        :raises AssertionError: what is declared and what is there differ.
        """
        for number, feature in enumerate(self.features.values()):
            try:
                has = self.has(feature.name, make, fresh(folder, f"feature{number}"))
            except Exception as error:  # a plugin that is asked for what it may lack can do anything
                raise AssertionError(
                    f"whether it has {feature.name!r} cannot be seen: {type(error).__name__}: {error}\n\n{_DECLARED}"
                ) from error
            if has != (feature.name in features):
                seen = "has, but does not declare," if has else "declares, but lacks,"
                raise AssertionError(f"it {seen} the feature {feature.name!r} ({feature.doc})\n\n{_DECLARED}")


DECLARED = "declares_the_features_it_has"
"""The name of the check that compares what is declared with what is there; every exam begins with it."""
_DECLARED = (
    f"{DECLARED}: What a plugin can do is said, and what is said is there. Checks of a feature that is not declared "
    "are skipped: one that is forgotten would never be examined, one that is gone would be promised for ever."
)


def paper(kind: str) -> Paper:
    """The exam of a kind: ``"sinks"``, or ``"sink"``.

    :raises ValueError: there is no such kind.
    """
    plural = kind if kind.endswith("s") else f"{kind}s"
    if plural not in KINDS:
        raise ValueError(f"there is no kind of plugin {kind!r}; there are: {', '.join(KINDS)}")
    found: Paper = importlib.import_module(_ROOMS[plural]).PAPER
    return found


def exam(
    kind: str,
    make: Make,
    features: Iterable[str] | None = None,
    *,
    only: Collection[str] = (),
    folder: Path | None = None,
    golden: Golden | None = None,
    reads: Make | None = None,
    looks: Looks | None = None,
) -> list[Outcome]:
    """Hold a plugin to every demand on its kind, without pytest.

    :param kind: ``"sources"``, ``"renderers"``, ``"sinks"``, ``"listeners"`` or ``"targets"``.
    :param make: builds it; see :data:`Make`.
    :param features: what the author declares; ``None``: whatever it has.
    :param only: names of checks; empty: all.
    :param folder: where it may write; ``None``: a temporary folder that is removed.
    :param golden: what a source, a renderer or a sink is known to make.
    :param reads: for a target: makes a source that shows what was written.
    :param looks: for a sink with golden files: shows what was written.
    :returns: one outcome for each check, in their order; that of :data:`DECLARED` is the first.
    """
    asked = paper(kind)
    if golden is not None or reads is not None:
        make = Given(make, reads=reads, golden=golden, looks=looks)
    with contextlib.ExitStack() as stack:
        where = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="notion-sync-exam-")))
        said = detected(asked, make, where) if features is None else asked.known(features)
        outcomes = []
        if not only or DECLARED in only:
            outcomes.append(_outcome(DECLARED, lambda: asked.declared(said, make, where)))
        for check in asked.checks.values():
            if not only or check.name in only:
                outcomes.append(_asked(asked, check, said, make, where))
        return outcomes


def detected(asked: Paper, make: Make, folder: Path) -> frozenset[str]:
    """The features that a plugin shows; what breaks when it is asked for one counts as lacking it."""
    found = set()
    for number, feature in enumerate(asked.features):
        with contextlib.suppress(Exception):
            if asked.has(feature, make, fresh(folder, f"detected{number}")):
                found.add(feature)
    return frozenset(found)


def _asked(asked: Paper, check: Check, said: Collection[str], make: Make, folder: Path) -> Outcome:
    if why := asked.skips(check, said):
        return Outcome(check.name, "skipped", why)
    return _outcome(check.name, lambda: asked.ask(check, make, fresh(folder, check.name)))


def _outcome(name: str, ask: Callable[[], None]) -> Outcome:
    try:
        ask()
    except NotApplicable as reason:
        return Outcome(name, "skipped", str(reason))
    except AssertionError as failure:
        return Outcome(name, "failed", str(failure))
    finally:
        gc.collect(0)  # what a broken plugin left open is told here, not in the next check
    return Outcome(name, "passed")


def fresh(folder: Path, name: str) -> Path:
    """An empty folder below another; its name is that of nothing else there."""
    number = 1
    while (place := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    place.mkdir(parents=True)
    return place


# -- what benches share


def built(kind: str, make: Make, folder: Path) -> Built:
    """A plugin, checked as when it is loaded.

    :raises AssertionError: it is not what its kind must be.
    """
    try:
        return checked(kind, "examined", make(folder), "the plugin under test")
    except PluginError as error:
        raise AssertionError(f"{error.message}. {error.remedy}") from error


def secrets_of(plugin: object) -> Iterator[tuple[str, str]]:
    """What of a plugin's attributes is secret, by name: values of :class:`Secret`, and texts that are called so."""
    from notion_sync_core.secret import Secret

    for name in sorted(set(dir(plugin))):
        if name.startswith("__"):
            continue
        value = inspect.getattr_static(plugin, name, None)
        with contextlib.suppress(Exception):  # a slot, a property: what it gives counts
            value = getattr(plugin, name)
        if isinstance(value, Secret):
            yield name, value.reveal()
        elif isinstance(value, str) and len(value) >= _GUESSABLE and any(word in name.lower() for word in _SECRET):
            yield name, value


_SECRET = ("token", "password", "secret", "api_key", "apikey")
_GUESSABLE = 4
"""Characters of what may well stand in any text by chance."""


def same(seen: object, wanted: object) -> bool:
    """Whether two are equal. Asserted in the place of ``==`` where contents are long: pytest shows how the sides of an
    ``==`` differ, line by line where it runs in CI, and for some megabytes that takes hours.
    """
    return seen == wanted


@contextlib.contextmanager
def refused(what: str, *errors: type[BaseException]) -> Iterator[None]:
    """Something must be refused with one of these errors.

    :raises AssertionError: it is not.
    """
    try:
        yield
    except errors:
        return
    raise AssertionError(f"{what} must be refused, by {' or '.join(error.__name__ for error in errors)}")


@contextlib.contextmanager
def switching_often() -> Iterator[None]:
    """Threads take turns so often that what is not made for them breaks."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
