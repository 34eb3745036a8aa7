"""Where secrets come from: environment, files or the system's keyring. Never from the configuration."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from notion_sync_core.config import NotionConfig
from notion_sync_core.errors import ConfigError, NotAuthorisedError
from notion_sync_core.secret import Secret, taken_apart
from notion_sync_core.watch.redact import Redactor

_log = logging.getLogger(__name__)
_SERVICE = "notion-sync"
"""What our entries in a keyring stand under."""
_LONGEST = 1 << 16
"""Bytes of a file that are read."""


class Secrets:
    """The secrets of one job. Each is known to its redactor from the moment it is read."""

    def __init__(self, config: NotionConfig, environ: Mapping[str, str] | None = None) -> None:
        self._config = config
        self._environ = os.environ if environ is None else environ
        self._read: dict[Path, str] = {}
        """What came out of pipes: that cannot be had twice."""
        self.redact = Redactor(known_secrets(config, self._environ))
        """Takes them out of texts."""

    def token(self) -> str:
        """The token of Notion, without white space around it.

        :raises NotAuthorisedError: there is none, or it can be none.
        :raises ConfigError: its file is readable by others, empty, or cannot be read.
        """
        config = self._config
        token, where, trouble = self._environ.get(config.token_env, "").strip(), config.token_env, ""
        if not token and config.token_file:
            where = "notion.token_file"
            token = self._from_file(expanded(config.token_file, where), where)
        if not token:
            where = "the system's keyring"
            token, trouble = _from_keyring("token")
        if not token:
            raise NotAuthorisedError(
                f"no Notion token: the environment variable {config.token_env} is not set{trouble}",
                "Make one at notion.so/profile/integrations and share your pages with it, then: "
                f"export {config.token_env}=ntn_…   (to look around without one: notion-sync demo)",
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise NotAuthorisedError(
                f"the text in {where} cannot be a Notion token: it holds spaces or special characters",
                "Copy the token again, without quotes.",
            )
        self.redact.know(token)
        return token

    def resolve(self, reference: str) -> Secret:
        """What a plugin's option refers to.

        :raises ValueError: it is no reference; the message does not show it.
        :raises ConfigError: nothing is there.
        """
        kind, name = taken_apart(reference)
        if kind == "env":
            value = self._environ.get(name, "").strip()
            if not value:
                raise ConfigError(f"the environment variable {name} is not set", f"Set it: export {name}=…")
        elif kind == "file":
            value = self._from_file(expanded(name, "the file"), "the file")
        else:
            value, trouble = _from_keyring(name)
            if not value:
                raise ConfigError(
                    f"the system's keyring has no {name!r} for {_SERVICE}{trouble}",
                    f"Put it there: keyring set {_SERVICE} {name} (pip install keyring).",
                )
        self.redact.know(value, quote(value, safe=""), *value.splitlines())
        return Secret(reference, value)

    def _from_file(self, path: Path, what: str) -> str:
        if path not in self._read:
            text, is_pipe = _content(path, what)
            if not is_pipe:
                return text
            self._read[path] = text
        return self._read[path]


def known_secrets(config: NotionConfig, environ: Mapping[str, str] | None = None) -> set[str]:
    """What must not be shown anywhere: the token, and passwords of proxies. Never fails, and never waits."""
    environ = os.environ if environ is None else environ
    found = {environ.get(config.token_env, "").strip()}
    if config.token_file:
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            path = Path(config.token_file).expanduser()
            if path.is_file():  # what comes out of a pipe is gone then
                found.add(_text(path.read_bytes()))
    for name, value in environ.items():
        if name.lower().endswith("_proxy"):
            with contextlib.suppress(ValueError):
                password = urlsplit(value).password or ""
                found |= {password, unquote(password)}
    return found - {""}


def expanded(path: str, key: str) -> Path:
    """A path in which ``~`` stands for the user's home.

    :raises ConfigError: there is no such home; the message names ``key``.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"{key} {path!r} begins with a home folder, and there is none: HOME is not set",
            "Write the whole path, or set HOME.",
        ) from None


def _content(path: Path, what: str) -> tuple[str, bool]:
    """The secret in a file, and whether the file is a pipe or the like."""
    try:
        with path.open("rb") as file:
            info = os.fstat(file.fileno())
            if stat.S_ISREG(info.st_mode):
                _check_readers(path, info, what, os.fstatvfs(file.fileno()).f_flag)
            text = _text(file.read(_LONGEST))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no text"
        raise ConfigError(f"{what} {path} cannot be read: {reason}", "Check the path and its permissions.") from None
    if not text:
        raise ConfigError(f"{what} {path} is empty", "Write the secret into it, and nothing else.")
    return text, not stat.S_ISREG(info.st_mode)


def _text(raw: bytes) -> str:
    """The text in a file; editors on Windows begin it with a mark, PowerShell writes UTF-16.

    :raises ValueError: it is none.
    """
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return raw.decode(encoding).strip()


def _check_readers(path: Path, info: os.stat_result, what: str, flags: int) -> None:
    """Refuse a file that others can read, if its user made it so and can change it.

    Containers give secrets as files of root, or on read-only mounts, with such modes: that is not for us to judge.

    :raises ConfigError: others can read it.
    """
    if not info.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return
    if info.st_uid != os.getuid():
        _log.warning(
            "%s %s belongs to another user (%d) and can be read by others (mode %03o): that is its owner's choice",
            what, path, info.st_uid, stat.S_IMODE(info.st_mode),
        )  # fmt: skip
    elif info.st_mode & stat.S_IWUSR and not flags & os.ST_RDONLY:
        raise ConfigError(f"{what} {path} can be read by others", f"chmod 600 {path}")


def _from_keyring(name: str) -> tuple[str, str]:
    """A secret of the system's keyring, or ``""`` and why there is none, as the end of a sentence."""
    try:
        import keyring

        return keyring.get_password(_SERVICE, name) or "", ""
    except Exception as error:  # back ends are other people's, and raise what they like, when they are found too
        missing = isinstance(error, ImportError) and error.name == "keyring"  # pylint: disable=no-member
        if missing or type(error).__name__ == "NoKeyringError":
            return "", ""
        return "", f"; the system's keyring cannot be asked ({type(error).__name__}: {error})"
