"""What others wrote reaches terminals, logs and programs inert: every command, with a hostile workspace."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench
from faults.test_secrets import run
from notion_sync_console import ConsoleListener
from notion_sync_core import events
from notion_sync_core.cli.voice import Voice
from notion_sync_core.events import Warned
from notion_sync_core.terminal import as_json, bounded, one_line, several_lines
from notion_sync_core.watch.bus import Bus
from notion_sync_core.watch.logs import JsonFormatter, RedactingFormatter, TextFormatter
from notion_sync_core.watch.redact import Redactor
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block, schema
from notion_sync_demo.exchange import ApiError

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "A\x1b]0;PWNED\x07\x1b[2J\x1b[31mRED\x9b31m\u202eRLO\u2066\u200f"
    "\r\nINFO forged: line\u2028x\u2029y\x85z\u061c\u200b\ufeff"
)
SAFE_BREAK = "\n"
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SIGNED = "https://me:hunter2pass@files.example/a?X-Amz-Signature=deadbeef&x=1"


def hostile_workspace() -> Workspace:
    space = Workspace(f"W{HOSTILE}", seed=5)
    first = space.add_page(None, f"T{HOSTILE}", [block("paragraph", HOSTILE), block(f"odd{HOSTILE}", HOSTILE)])
    _, (source,) = space.add_database(first, f"D{HOSTILE}", {f"S{HOSTILE}": [schema(f"N{HOSTILE}", "title")]})
    space.add_row(source, {f"N{HOSTILE}": []}, [])
    space.add_page(None, f"Broken{HOSTILE}", [block("paragraph", "x")])
    space.add_page(None, f"Signed {SIGNED}", [block("paragraph", "x")])
    return space


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    space = hostile_workspace()
    with Emulator(space) as emulator:
        whole: Callable[[Any], Any] = emulator.api.answer
        broken = next(key for key, page in space.pages.items() if "Broken" in json.dumps(page))

        def answer(request: Any) -> Any:
            if request.path.endswith("/children") and broken.replace("-", "") in request.path.replace("-", ""):
                raise ApiError(400, "validation_error", f"bad {HOSTILE} {SIGNED}")
            return whole(request)

        emulator.api.answer = answer  # type: ignore[method-assign]
        bench = Bench(emulator, tmp_path_factory.mktemp("hostile"))
        said(bench, "export", "--to", "out", code=3)
        yield bench


def said(bench: Bench, *words: str, code: int = 0) -> tuple[str, str]:
    """What a command says on stdout and stderr, both inert."""
    done = run(bench, *words, NOTION_TOKEN=bench.emulator.token, NOTION_SYNC_PERFORMANCE__MAX_ATTEMPTS="1")
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, err
    for text in (out, err):
        assert ACTIVE.findall(text) == [], text
        assert not re.search(r"^\W*INFO forged", text, re.M), text
        assert "hunter2pass" not in text
        assert "deadbeef" not in text
    return out, err


COMMANDS: list[tuple[int, tuple[str, ...]]] = [
    *((3, ("sync", "--to", "out", "--progress", style)) for style in ("plain", "bar", "json", "none")),
    *((3, ("export", "--to", "out", "--full", *more)) for more in (("-v",), ("-vv",), ("-q",), ("--json",))),
    (3, ("export", "--to", "out", "--full", "-vv", "--json", "--log-format", "json", "--progress", "json")),
    (3, ("export", "--to", "out", "--strict")),
    (0, ("plan", "--to", "new")),
    (0, ("plan", "--to", "new", "--json")),
    (3, ("status", "--to", "out", "-vv")),
    (3, ("status", "--to", "out", "--json")),
    (0, ("state", "show", "--to", "out")),
    (0, ("state", "show", "--to", "out", "--json")),
    (3, ("check", "--to", "out", "--read-data")),
    (3, ("check", "--to", "out", "--json")),
    (0, ("doctor", "--to", "out")),
    (0, ("doctor", "--to", "out", "--json")),
    (0, ("config", "show", "--json", "--set", f"plugins.html.name={HOSTILE}")),
    (2, ("config", "show", "--set", f"plugins.{HOSTILE}")),
    (2, (f"exp{HOSTILE}",)),
    (2, ("export", f"--{HOSTILE}")),
]


@pytest.mark.parametrize(("code", "words"), COMMANDS, ids=lambda value: repr(value)[:60])
def test_no_command_lets_a_title_or_a_message_act_on_the_terminal(
    hostile: Bench, code: int, words: tuple[str, ...]
) -> None:
    out, _ = said(hostile, *words, code=code)
    if "--json" in words and code in (0, 3):
        # Programs get the whole text: what is escaped is not lost.
        assert "\u202eRLO" in json.dumps([json.loads(line) for line in _documents(out)], ensure_ascii=False) or (
            words[0] in ("doctor", "status", "check")
        )


def _documents(out: str) -> list[str]:
    lines = out.splitlines()
    return [out] if lines[0] in ("{", "[") else lines


def test_findings_about_files_are_inert(hostile: Bench) -> None:
    (hostile.out / f"theirs{HOSTILE.replace('/', '')}.md").write_text("x")
    said(hostile, "check", "--to", "out", code=3)
    said(hostile, "check", "--to", "out", "--json", code=3)
    said(hostile, "sync", "--to", "out", code=3)


def test_nothing_leaves_the_command_line_but_through_its_voice() -> None:
    places = [*(ROOT / "notion_sync_core").rglob("*.py"), ROOT / "plugins" / "notion_sync_demo" / "command.py"]
    found = []
    for place in places:
        for node in ast.walk(ast.parse(place.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in ("print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"):
                    found.append(place.name)
    assert set(found) == {"voice.py"}


def test_progress_as_json_has_no_signature_no_password_and_nothing_active(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener(style="json")
    bus = Bus((listener.on_event,), Redactor(['pass"wörd']))
    bus.publish(Warned(f'{HOSTILE} {SIGNED} pass"wörd', "id", f"Title {SIGNED}"))
    bus.publish(events.ObjectWritten("id", "t", (f"a?token={'x' * 9}",), 1))
    bus.publish(events.AssetFailed(SIGNED, f"GET {SIGNED}: Bearer ntn_abcdefghijkl"))
    text = stream.getvalue()
    assert ACTIVE.findall(text) == []
    for secret in ("hunter2pass", "deadbeef", "wörd", "ntn_abc", "xxxxxxxxx"):
        assert secret not in text
    assert "\u202eRLO" in json.loads(text.splitlines()[0])["message"]


def test_what_a_thread_did_not_catch_is_said_inert_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    out = Voice()
    out.know(Redactor(["hunter2pass"]))
    out.hear_threads()

    def fail() -> None:
        raise RuntimeError(f"hunter2pass {HOSTILE}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    said_there = capsys.readouterr().err
    assert "RuntimeError: [secret] A" in said_there
    assert ACTIVE.findall(said_there) == []


def test_a_secret_that_json_spells_otherwise_is_still_found() -> None:
    secret = 'pa"ss\\wörd'
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "as %s", (secret,), None)
    line = RedactingFormatter(JsonFormatter(), Redactor([secret])).format(record)
    assert json.loads(line)["msg"] == "as [secret]"


FORMS = [
    "https://h/a?X-Amz-Signature=deadbeef",
    "https://h/image/https%3A%2F%2Fs3%3FX-Amz-Signature%3Ddeadbeef%26x%3D1",
    "https://h/?u=https%253A%252F%252Fs3%253Fx%253D1%2526X-Amz-Signature%253Ddeadbeef",
    "https:\\/\\/me:deadbeef@h\\/",
    "https://me:dead@deadbeef@h/",
    "a&amp;sig=deadbeef",
    '{"u": "a?b=1\\u0026signature=deadbeef"}',
    "https://h/#access_token=deadbeef",
    "BEARER deadbeef",
    "redis://:deadbeef@h",
]


@pytest.mark.parametrize("text", FORMS)
def test_a_secret_is_found_in_whatever_spelling_of_an_address(text: str) -> None:
    assert "deadbeef" not in Redactor()(text)


def test_a_traceback_in_the_log_cannot_forge_a_line() -> None:
    try:
        raise ValueError(f"why{HOSTILE}\nINFO forged: line")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "f", 1, "it\nINFO forged: %s", (HOSTILE,), sys.exc_info())
    lines = RedactingFormatter(TextFormatter(), Redactor()).format(record).split("\n")
    assert lines[0].startswith("ERROR n: it INFO forged")
    assert all(line.startswith("    ") for line in lines[1:])
    assert ACTIVE.findall("".join(lines)) == []


def test_an_event_under_a_long_title_is_short_however_many_there_are() -> None:
    seen: list[Any] = []
    bus = Bus((seen.append,), Redactor())
    looked_at: list[int] = []
    whole = Redactor.__call__
    title = "x" * 200_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Redactor, "__call__", lambda self, text: looked_at.append(len(text)) or whole(self, text))
        for _ in range(10):
            bus.publish(Warned(title, "id", title))
    assert {len(event.title) for event in seen} == {300}
    assert {len(event.message) for event in seen} == {2000}
    assert sum(looked_at) < 10 * 10_000, "work grows with the title for each event"


texts = st.text(st.characters() | st.sampled_from(HOSTILE + "\u200c\u200d\ud800é가"), max_size=200)


@given(texts)
def test_whatever_a_text_holds_a_line_of_it_is_one_line_and_inert(text: str) -> None:
    for shown in (one_line(text), as_json(text), one_line(text, None)):
        assert ACTIVE.findall(shown) == []
        assert SAFE_BREAK not in shown
        shown.encode()
    assert json.loads(as_json({"a": [text]}, indent=2)) == {"a": [text]}
    lines = several_lines(text).split("\n")
    assert all(line.startswith("    ") for line in lines[1:])


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"]), max_size=50))
def test_ordinary_text_of_any_language_stays_as_it_is(text: str) -> None:
    odd = set(text) & set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
    if not odd and not any(0xE0000 <= ord(char) <= 0xE0FFF for char in text):
        assert one_line(text) == text
        assert json.loads(as_json(text)) == text


def test_emoji_and_persian_keep_their_joiners_and_latin_loses_them() -> None:
    family, persian = "👨\u200d👩\u200d👧 ❤\ufe0f", "می\u200cخواهم"
    assert one_line(family) == family
    assert as_json(persian) == f'"{persian}"'
    assert one_line("pay\u200dpal") == "pay\\u200dpal"


def test_a_long_text_says_that_it_goes_on() -> None:
    assert bounded("abc", 3) == "abc"
    assert bounded("abcd", 3) == "ab…"
