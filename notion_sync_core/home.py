"""Where states lie: one folder for all jobs of a user, and in it one for each, which nobody else reads."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import platformdirs

from notion_sync_core.config.secrets import expanded
from notion_sync_core.errors import ConfigError, SinkError, StateError
from notion_sync_core.mirror.disk import explained


def state_home(chosen: str) -> Path:
    """The folder that holds the state of all jobs of this user.

    :param chosen: ``deployment.state_dir``.
    :raises ConfigError: none is named, and this user has no home.
    """
    if chosen:
        return expanded(chosen, "deployment.state_dir")
    with contextlib.suppress(RuntimeError):  # who has no home: platformdirs 4.4; earlier ones give "~/…"
        usual = Path(platformdirs.user_state_dir("notion-sync", appauthor=False))
        if usual.is_absolute():
            return usual
    raise ConfigError(
        "there is no place for the state: this user has no home folder, HOME is not set",
        "Name a folder that lasts: deployment.state_dir, or the environment variable XDG_STATE_HOME.",
    )


def keep_apart(state: Path, place: str) -> None:
    """Make sure that the state does not lie in a sink, whose content may be published.

    :param place: the sink's folder.
    :raises ConfigError: it does.
    """
    if Path(os.path.realpath(state)).is_relative_to(os.path.realpath(place)):
        raise ConfigError(
            f"the state folder {state} lies inside the sink {place}",
            "What a sink holds may be published, and the state is private: choose another place for one of them "
            "(deployment.state_dir, --to).",
        )


def private(folder: Path) -> Path:
    """A folder that its owner alone reads; made if it is missing.

    :raises StateError: it belongs to somebody else.
    :raises SinkError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        info = folder.stat()
    except OSError as error:
        raise SinkError(
            f"the state folder {folder} cannot be made: {error.strerror}",
            "Choose another with deployment.state_dir or XDG_STATE_HOME.",
        ) from None
    if hasattr(os, "getuid") and info.st_uid != os.getuid():
        raise not_ours(folder)
    if info.st_mode & 0o077:
        with explained(f"the state folder {folder}"):
            folder.chmod(0o700)
    return folder


def not_ours(folder: Path) -> StateError:
    """The error of a folder that another user has."""
    return StateError(
        f"the state folder {folder} belongs to another user",
        "Run as that user, or choose another folder with deployment.state_dir.",
    )
