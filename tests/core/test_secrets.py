"""Where secrets may be, in the forms that containers, shells and editors give them, and who never sees them."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import attrs
import pytest
from attrs import frozen

from notion_sync_core import Job
from notion_sync_core.config import NotionConfig
from notion_sync_core.config.secrets import Secrets, known_secrets
from notion_sync_core.errors import ConfigError, NotAuthorisedError
from notion_sync_core.plugin import Secret
from notion_sync_core.plugins import build
from notion_sync_core.plugins.build import Spec
from notion_sync_core.plugins.values import values
from notion_sync_core.structure import structure

TOKEN = "ntn_0123456789abcdef"
KEY = "correct horse battery staple"


def token_file(tmp_path: Path, content: bytes = TOKEN.encode(), mode: int = 0o600) -> NotionConfig:
    place = tmp_path / "token"
    place.write_bytes(content)
    place.chmod(mode)
    return NotionConfig(token_file=str(place))


# -- the token's file


@pytest.mark.parametrize(
    "content",
    [
        TOKEN.encode() + b"\r\n",
        b"\xef\xbb\xbf" + TOKEN.encode(),
        TOKEN.encode("utf-16"),
        b"\xfe\xff" + TOKEN.encode("utf-16-be"),
    ],
)
def test_marks_that_editors_and_shells_write_are_no_part_of_a_token(tmp_path: Path, content: bytes) -> None:
    config = token_file(tmp_path, content)
    assert Secrets(config, {}).token() == TOKEN
    assert known_secrets(config, {}) == {TOKEN}


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"notion\.token_file .* is empty"):
        Secrets(token_file(tmp_path, content), {}).token()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x80\x81"])
def test_a_file_without_text_is_told_as_such_and_stops_no_redactor(tmp_path: Path, content: bytes) -> None:
    config = token_file(tmp_path, content)
    with pytest.raises(ConfigError, match="it holds no text"):
        Secrets(config, {}).token()
    assert known_secrets(config, {}) == set()


@pytest.mark.parametrize("mode", [0o440, 0o444, 0o400])
def test_a_file_that_nobody_may_write_is_a_secret_of_a_container(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    assert Secrets(token_file(tmp_path, mode=mode), {}).token() == TOKEN
    assert caplog.records == []


@pytest.mark.parametrize("mode", [0o440, 0o444, 0o644, 0o640])
def test_a_file_of_another_user_is_taken_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    config = token_file(tmp_path, mode=mode)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert Secrets(config, {}).token() == TOKEN
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert f"mode {mode:03o}" in record.getMessage()
    assert TOKEN not in record.getMessage()


def test_a_file_on_a_read_only_mount_cannot_be_made_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = token_file(tmp_path, mode=0o644)
    with pytest.raises(ConfigError, match="can be read by others"):
        Secrets(config, {}).token()
    monkeypatch.setattr(os, "fstatvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert Secrets(config, {}).token() == TOKEN


def test_what_comes_out_of_a_pipe_is_read_once_and_lasts_for_the_job(tmp_path: Path) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place, 0o644)
    job = Job.load(environ={}, use_default_file=False, flags={"notion.token_file": str(place)})
    redact = job.redactor()  # before anybody has written
    writer = threading.Thread(target=place.write_text, args=(f"{TOKEN}\n",))
    writer.start()
    assert job.secrets.token() == TOKEN
    writer.join()
    assert job.secrets.token() == TOKEN
    assert redact(f"it was {TOKEN}!") == "it was [secret]!"


def test_a_substituted_process_is_a_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, TOKEN.encode())
    os.close(writing)
    assert Secrets(NotionConfig(token_file=f"/dev/fd/{reading}"), {}).token() == TOKEN
    os.close(reading)


# -- keyrings


def keyring(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def get_password(service: str, name: str) -> str | None:
        if isinstance(answer, Exception):
            raise answer
        return {("notion-sync", "token"): answer, ("notion-sync", "mail"): KEY}.get((service, name))

    made = ModuleType("keyring")
    made.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", made)


class NoKeyringError(RuntimeError):
    """As keyring's."""


def test_a_token_of_the_keyring_is_known_to_the_redactor(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, "plain0123456789")
    secrets = Secrets(NotionConfig(), {})
    assert secrets.token() == "plain0123456789"
    assert secrets.redact("plain0123456789") == "[secret]"


@pytest.mark.parametrize("error", [RuntimeError("locked"), OSError("no bus"), ImportError("no module", name="x.y")])
def test_a_keyring_that_fails_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    keyring(monkeypatch, error)
    with pytest.raises(NotAuthorisedError, match=r"NOTION_TOKEN is not set; the system's keyring cannot be asked"):
        Secrets(NotionConfig(), {}).token()
    with pytest.raises(ConfigError, match="cannot be asked"):
        Secrets(NotionConfig(), {}).resolve("keyring:mail")


def test_no_keyring_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, NoKeyringError("install a back end"))
    with pytest.raises(NotAuthorisedError, match="is not set") as raised:
        Secrets(NotionConfig(), {}).token()
    assert "keyring" not in raised.value.message
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NotAuthorisedError, match="is not set"):
        Secrets(NotionConfig(), {}).token()


# -- options of plugins


@frozen(eq=False)
class Mailer:
    """A plugin with a secret."""

    key: Secret
    more: Secret | None = None
    host: str = "localhost"


def made(resolve: Any = None, **options: Any) -> Mailer:
    found: Mailer = structure(Mailer, options, "plugins.mail", {"plugins.mail.key": "job.toml"}, resolve)
    return found


def test_a_reference_becomes_the_secret_and_shows_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, "")
    place = tmp_path / "key"
    place.write_text(f"{KEY}\n")
    place.chmod(0o600)
    secrets = Secrets(NotionConfig(), {"MAIL": KEY})
    for reference in ("env:MAIL", f"file:{place}", "keyring:mail"):
        mailer = made(secrets.resolve, key=reference)
        assert mailer.key.reveal() == KEY
        for shown in (str(mailer), repr(mailer.key), f"{mailer.key}", f"{attrs.asdict(mailer)}"):
            assert KEY not in shown
            assert reference in shown
        assert copy.deepcopy(mailer.key) is copy.copy(mailer.key) is mailer.key
        with pytest.raises(TypeError, match="cannot be stored"):
            pickle.dumps(mailer.key)
    assert mailer.more is None
    assert made(secrets.resolve, key="env:MAIL", more="env:MAIL").more is not None
    assert secrets.redact(f"{KEY} correct%20horse%20battery%20staple") == "[secret] [secret]"


@pytest.mark.parametrize("value", [KEY, "", "env:", "ENV:MAIL", "file:", 7, ["env:MAIL"], None])
def test_the_secret_itself_is_refused_and_not_repeated(value: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        made(Secrets(NotionConfig(), {"MAIL": KEY}).resolve, key=value)
    assert raised.value.message.startswith("job.toml: plugins.mail.key is a secret")
    assert "env:NAME" in raised.value.remedy
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:NOBODY", "the environment variable NOBODY is not set"),
        ("file:/nowhere/key", "the file /nowhere/key cannot be read: No such file"),
        ("keyring:nobody", "the system's keyring has no 'nobody'"),
    ],
)
def test_a_reference_to_nothing_names_the_option_and_what_is_not_there(reference: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"plugins\.mail\.key: {said}"):
        made(Secrets(NotionConfig(), {}).resolve, key=reference)


def test_a_file_may_refer_to_a_secret_by_whatever_name_and_the_configuration_shows_the_reference(
    tmp_path: Path,
) -> None:
    place = tmp_path / "job.toml"
    place.write_text('[plugins.s3]\npassword = "env:MAIL"\n')
    job = Job.load(place, environ={"MAIL": KEY})
    shown = {each.key: each.value for each in values(job.config)}
    assert shown["plugins.s3.password"] == "env:MAIL"
    place.write_text(f'[plugins.s3]\npassword = "{KEY}"\n')
    with pytest.raises(ConfigError, match="must not hold a secret") as raised:
        Job.load(place, environ={})
    assert KEY not in str(raised.value)


def test_in_another_process_the_reference_is_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find", lambda kind, name: SimpleNamespace(version="1"))
    monkeypatch.setattr(build, "load", lambda found: Mailer)
    monkeypatch.setattr(build, "_checked", lambda *given: given[2])
    monkeypatch.setenv("MAIL", KEY)
    assert build.build(Spec("sinks", "mail", "mail", {"key": "env:MAIL"})).key.reveal() == KEY  # type: ignore[attr-defined]
