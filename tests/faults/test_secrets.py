"""Secrets stay secret: planted everywhere, found nowhere."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from conftest import Bench
from notion_sync_core.config import NotionConfig
from notion_sync_core.config.secrets import Secrets
from notion_sync_core.errors import ConfigError
from notion_sync_core.watch.logs import JsonFormatter, RedactingFormatter
from notion_sync_core.watch.redact import Redactor
from notion_sync_demo import Emulator, Fault, sample_workspace
from notion_sync_notion.client import api_error

pytestmark = pytest.mark.campaign

TOKEN = "ntn_CANARY0123456789abcdefghij"
PASSWORD = "CANARYpassw0rd"
CANARIES = (TOKEN, TOKEN[4:], PASSWORD, "X-Amz-Signature", "X-Amz-Expires")


@pytest.fixture
def guarded(tmp_path: Path) -> Any:
    with Emulator(sample_workspace(), token=TOKEN) as emulator:
        yield Bench(emulator, tmp_path)


def run(bench: Bench, *arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    home = bench.folder / "home"
    home.mkdir(exist_ok=True)
    given = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "HOME": str(home),
        "NOTION_TOKEN": TOKEN,
        "NOTION_SYNC_NOTION__BASE_URL": bench.emulator.url,
        "NOTION_SYNC_PERFORMANCE__REQUESTS": "100000",
        "NOTION_SYNC_PERFORMANCE__TIMEOUT_S": "1",
        **environ,
    }
    return subprocess.run(
        [sys.executable, "-m", "notion_sync_core", *arguments],
        env={name: value for name, value in given.items() if value},
        cwd=bench.folder,
        capture_output=True,
        check=False,
        timeout=60,
    )


def expect_no_canary(bench: Bench, *done: subprocess.CompletedProcess[bytes], but: str = "") -> None:
    streams = [each.stdout + each.stderr for each in done]
    files = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file() and path.name != but}
    assert len(files) + len(streams) > 0
    for canary in CANARIES:
        for stream in streams:
            assert canary.encode() not in stream, stream.decode()[-2000:]
        assert [path for path, content in files.items() if canary.encode() in content] == []


LOUD = ("-vv", "--progress", "json", "--json", "--to", "out")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_token_and_signed_addresses_are_in_no_file_and_no_stream(guarded: Bench, form: str) -> None:
    faults = guarded.emulator.faults
    for kind, path in (("404", "/files/.*wav"), ("500", "children"), ("reset", ""), ("429", ""), ("short", "/files/")):
        faults.add(Fault(kind, path=path, rate=0.2, times=3, retry_after="0"))
    done = run(guarded, "sync", *LOUD, "--log-format", form, "--renderer", "markdown", "--renderer", "json")
    assert done.returncode in (0, 3), done.stderr
    assert json.loads(done.stdout)["objects"]["read"] > 10
    again = run(guarded, "sync", *LOUD, "--full")
    others = [
        run(guarded, *words) for words in (("doctor", "-vv"), ("status", "-vv", "--to", "out"), ("config", "show"))
    ]
    expect_no_canary(guarded, done, again, *others)
    assert b"NOTION_TOKEN" in others[2].stdout


def test_a_token_in_a_file_is_used_and_not_told(guarded: Bench) -> None:
    place = guarded.folder / "secret-token"
    place.write_text(TOKEN + "\n")
    place.chmod(0o600)
    given = {"NOTION_TOKEN": "", "NOTION_SYNC_NOTION__TOKEN_FILE": str(place)}
    done = run(guarded, "sync", *LOUD, **given)
    assert done.returncode == 0, done.stderr
    expect_no_canary(guarded, done, but="secret-token")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    place = tmp_path / "token"
    place.write_text(TOKEN)
    place.chmod(mode)
    with pytest.raises(ConfigError, match="can be read by others") as raised:
        Secrets(NotionConfig(token_file=str(place)), {}).token()
    assert "chmod 600" in raised.value.remedy


MISTAKES: list[tuple[tuple[str, ...], dict[str, str]]] = [
    (("--set", f"notion.token={TOKEN}"), {}),
    (("--set", f"plugins.s3.secret_key={TOKEN}"), {}),
    (("--set", f"notion.token_env={TOKEN}"), {}),
    (("--set", f"notion.token_file={TOKEN}"), {"NOTION_TOKEN": ""}),
    (("--set", f"notion.base_url=https://me:{PASSWORD}@api.example"), {}),
    ((), {"NOTION_SYNC_NOTION__BASE_URL": f"https://{PASSWORD}@api.example/v1"}),
    ((), {"NOTION_SYNC_NOTION__BASE_URL": f"https://me:{PASSWORD}@api.example:port"}),
    ((), {"NOTION_SYNC_NOTION__TOKEN": TOKEN}),
    ((), {"NOTION_TOKEN": f"{TOKEN} {TOKEN}"}),
    ((TOKEN,), {}),
]


@pytest.mark.parametrize(("words", "environ"), MISTAKES, ids=str)
def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated(
    guarded: Bench, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    done = run(guarded, "sync", *LOUD, *words, **environ)
    assert done.returncode in (2, 4), done.stderr
    assert done.stderr.startswith(b"Error: ") or b"Error" in done.stderr
    assert guarded.requests() == 0
    expect_no_canary(guarded, done)


def test_a_secret_in_the_configuration_file_is_refused_and_not_repeated(guarded: Bench) -> None:
    (guarded.folder / "notion-sync.toml").write_text(f'[notion]\ntoken = "{TOKEN}"\n')
    done = run(guarded, "sync", *LOUD)
    assert done.returncode == 2
    expect_no_canary(guarded, done, but="notion-sync.toml")


def test_the_password_of_a_proxy_is_not_told(guarded: Bench) -> None:
    proxy = f"http://me:{PASSWORD}@127.0.0.1:9"
    environ = {"HTTP_PROXY": proxy, "http_proxy": proxy, "https_proxy": proxy, "NO_PROXY": ""}
    environ["NOTION_SYNC_PERFORMANCE__MAX_ATTEMPTS"] = "1"
    done = run(guarded, "sync", *LOUD, **environ)
    assert done.returncode == 7, done.stderr
    doctor = run(guarded, "doctor", "-vv", **environ)
    assert b"proxy: " in doctor.stdout
    assert b"127.0.0.1:9" in doctor.stdout
    expect_no_canary(guarded, done, doctor)


def test_a_service_that_repeats_the_token_does_not_bring_it_into_the_report(guarded: Bench) -> None:
    whole = guarded.emulator.api.answer

    def parrot(request: Any) -> Any:
        from notion_sync_demo.exchange import ApiError

        if request.path.endswith("/children"):
            raise ApiError(400, "validation_error", f"header Authorization: Bearer {TOKEN} is odd")
        return whole(request)

    guarded.emulator.api.answer = parrot  # type: ignore[method-assign]
    done = run(guarded, "sync", *LOUD)
    assert done.returncode == 3
    assert b"is odd" in done.stdout
    expect_no_canary(guarded, done)


def test_an_exception_nobody_expected_is_told_without_secrets(guarded: Bench) -> None:
    code = (
        "import sys, notion_sync_core.cli.run as r, notion_sync_core.cli as c\n"
        "def boom(*a, **k):\n"
        f"    raise RuntimeError('https://me:{PASSWORD}@h/?X-Amz-Signature=abcdef Bearer {TOKEN}')\n"
        "r.Job.run = boom\n"
        "sys.argv = ['notion-sync', 'sync', '-vv', '--to', 'out']\n"
        "c.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NOTION_TOKEN": TOKEN, "HOME": str(guarded.folder)},
        cwd=guarded.folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"RuntimeError" in done.stderr
    text = done.stderr.decode().split("Error: unexpected")[1]
    assert "abcdef" not in done.stderr.decode().replace(code, "")
    for canary in (TOKEN, PASSWORD):
        assert canary not in text
        assert canary.encode() not in done.stderr


@pytest.mark.parametrize("inner", [logging.Formatter("%(message)s"), JsonFormatter()])
def test_a_log_line_has_no_secret_in_message_arguments_or_exception(inner: logging.Formatter) -> None:
    formatter = RedactingFormatter(inner, Redactor(["hunter2-the-password"]))
    try:
        raise ValueError(f"GET https://files.example/a?X-Amz-Signature=deadbeef&x=1 with {TOKEN}")
    except ValueError:
        record = logging.LogRecord(
            "x",
            logging.ERROR,
            "f",
            1,
            "user %s at %s",
            ("hunter2-the-password", f"ftp://a:{PASSWORD}@h/"),
            sys.exc_info(),
        )
    text = formatter.format(record)
    for secret in ("hunter2", "deadbeef", TOKEN, PASSWORD):
        assert secret not in text
    assert "x=1" in text
    assert "ValueError" in text


def test_what_is_no_secret_is_left_alone() -> None:
    text = "notion.token_env is NOTION_TOKEN; see https://example.com/a?page=2#x or mail me@example.com, secret_key"
    assert Redactor(["abc", ""])(text) == text


def test_an_error_body_of_another_form_is_no_crash() -> None:
    for extra in ([], "text", 5, None, {"rate_limit_reason": []}):
        body = orjson.dumps({"code": "x", "message": "m", "additional_data": extra})
        assert isinstance(api_error("GET x", 429, {}, body), Exception)
