"""Where the token comes from: environment, file or system keyring. Never from the configuration."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from notion_sync_core.config import NotionConfig
from notion_sync_core.errors import ConfigError, NotAuthorisedError


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


def find_token(config: NotionConfig, environ: Mapping[str, str] | None = None) -> str:
    """The token, without white space around it.

    :raises NotAuthorisedError: there is none.
    :raises ConfigError: its file is readable by others, or cannot be read.
    """
    token = (os.environ if environ is None else environ).get(config.token_env, "").strip()
    if not token and config.token_file:
        token = _from_file(expanded(config.token_file, "notion.token_file"))
    token = token or _from_keyring()
    if not token:
        raise NotAuthorisedError(
            f"no Notion token: the environment variable {config.token_env} is not set",
            "Make one at notion.so/profile/integrations and share your pages with it, then: "
            f"export {config.token_env}=ntn_…   (to look around without one: notion-sync demo)",
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise NotAuthorisedError(
            f"the text in {config.token_env} cannot be a Notion token: it holds spaces or special characters",
            "Copy the token again, without quotes.",
        )
    return token


def known_secrets(config: NotionConfig, environ: Mapping[str, str] | None = None) -> set[str]:
    """What must not be shown anywhere: the token, and passwords of proxies. Never fails."""
    environ = os.environ if environ is None else environ
    found = {environ.get(config.token_env, "").strip()}
    if config.token_file:
        with contextlib.suppress(OSError, UnicodeDecodeError, RuntimeError):
            found.add(Path(config.token_file).expanduser().read_text("utf-8").strip())
    for name, value in environ.items():
        if name.lower().endswith("_proxy"):
            with contextlib.suppress(ValueError):
                password = urlsplit(value).password or ""
                found |= {password, unquote(password)}
    return found - {""}


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"notion.token_file {path} cannot be read: {error}", "Check the path.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"notion.token_file {path} can be read by others", f"chmod 600 {path}")
    return text


def _from_keyring() -> str:
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return keyring.get_password("notion-sync", "token") or ""
    except keyring.errors.KeyringError:
        return ""
