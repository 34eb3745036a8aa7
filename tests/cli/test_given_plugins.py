"""A plugin may be one file; a deployment says which plugins it lets in; a trace says what each was asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.plugins.find import find, load
from notion_sync_core.plugins.one_file import called, one_file
from notion_sync_core.plugins.trace import Trace, last_summary, summed_up
from shell import Shell

FILE = '''
from attrs import frozen
from notion_sync_core.plugin import Artifact, FilePath, Found, Listing, Parent, Ref, hookimpl

@frozen(eq=False)
class TitlesRenderer:
    """Titles of documents."""

    shout: bool = False
    """In capitals."""
    folder: str = ""
    """Where its files lie."""
    format = "titles"
    suffix = ".txt"

    @hookimpl
    def render_document(self, document, site):
        title = document.ref.title.upper() if self.shout else document.ref.title
        return [Artifact(site.path(self.suffix), [title.encode()], "text/plain")]

@frozen(eq=False)
class Stars:
    @hookimpl
    def render_block(self, format, block, inner):
        return "* * *" if format == "markdown" and block.type == "divider" else None

@frozen(eq=False)
class Seen:
    file: FilePath = "seen.txt"
    """Where the names of events go."""

    @hookimpl
    def on_event(self, event):
        with open(self.file, "a") as out:
            out.write(type(event).__name__ + "\\n")

TIME = "2026-01-02T03:04:05.000Z"

@frozen(eq=False)
class OneNote:
    title: str = "Note"

    def note(self):
        return Ref("11111111-1111-4111-8111-111111111111", "page", self.title, Parent(), TIME, TIME, raw={"id": "x"})

    @hookimpl
    def source_discover(self):
        yield self.note()

    @hookimpl
    def source_fetch(self, object_id):
        return [self.note()]

    @hookimpl
    def source_read(self, ref):
        yield Listing(ref.id, 0, {"results": [], "has_more": False})
        yield Found(read_at=TIME)

class Both(Stars, Seen):
    pass

class Neither:
    pass
'''


@pytest.fixture
def file(shell: Shell) -> Path:
    path = shell.folder / "mine.py"
    path.write_text(FILE)
    return path


def test_a_class_is_called_like_itself() -> None:
    assert [called(f"a.py:{name}") for name in ("TitlesRenderer", "Titles", "S3Sink", "HTMLPage")] == [
        "titles_renderer",
        "titles",
        "s3_sink",
        "html_page",
    ]
    assert called("markdown") == "markdown"
    assert [one_file(text) for text in ("s3://bucket", "a.py", "a.py:", "mine:Class", "a.py:1")] == [None] * 5


def test_an_edited_file_is_another_version_and_is_loaded_anew(file: Path) -> None:
    first = find("renderers", f"{file}:Stars")
    old = load(first)
    assert load(find("renderers", f"{file}:Stars")) is old
    file.write_text(FILE.replace("* * *", "+ + +"))
    second = find("renderers", f"{file}:Stars")
    assert first.version != second.version
    assert load(second) is not old


def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.py:Stars cannot be read: No such file"):
        find("renderers", f"{tmp_path}/nowhere.py:Stars")
    with pytest.raises(ConfigError, match=r"mine\.py has no Star") as missing:
        load(find("renderers", f"{file}:Star"))
    assert "Stars" in missing.value.remedy
    assert "Ref" not in missing.value.remedy
    file.write_text("import nothing_of_that_name")
    with pytest.raises(PluginError, match="ModuleNotFoundError"):
        load(find("renderers", f"{file}:Stars"))


def test_a_renderer_in_a_file_is_used_here_and_in_the_process_that_renders(shell: Shell, file: Path) -> None:
    given = ("export", "--to", "out", "--plugin", f"{file.name}:TitlesRenderer", "--trace", "trace.jsonl")
    done = shell(*given, "--set", "plugins.titles_renderer.shout=true")
    assert done.returncode == 0, done.stderr
    texts = {path.read_text() for path in (shell.folder / "out").rglob("*.txt")}
    assert "FERNWOOD BIKES HANDBOOK" in texts
    unknown = shell(*given, "--set", "plugins.titles_renderer.shoot=true")
    assert unknown.returncode == 2
    assert "Did you mean 'plugins.titles_renderer.shout'?" in unknown.stderr


def test_an_edit_of_the_file_makes_all_its_files_again(shell: Shell, file: Path) -> None:
    given = ("export", "--to", "out", "--renderer", f"{file.name}:TitlesRenderer", "--json")
    written = [json.loads(shell(*given).stdout)["artifacts"]["written"]]
    file.write_text(FILE.replace("[title.encode()]", '[title.encode() + b"!"]'))
    again = json.loads(shell(*given).stdout)["artifacts"]
    assert again["written"] >= 39, (written, again)
    texts = [path for path in (shell.folder / "out").rglob("*.txt") if "assets" not in path.parts]
    assert len(texts) >= 39
    assert all(path.read_text().endswith("!") for path in texts)


def test_a_listener_and_a_plugin_for_blocks_stand_beside_what_is_configured(shell: Shell, file: Path) -> None:
    (shell.folder / "job.toml").write_text('[export]\nrenderers = ["json", "markdown"]\n')
    plugins = [word for name in ("Stars", "noted=Seen") for word in ("--plugin", _given(file, name))]
    done = shell("export", "--config", "job.toml", "--to", "out", *plugins, "--set", "plugins.noted.file=noted.txt")
    assert done.returncode == 0, done.stderr
    assert "RunFinished" in (shell.folder / "noted.txt").read_text()
    assert any("* * *" in path.read_text() for path in (shell.folder / "out" / "markdown").rglob("*.md"))
    assert any((shell.folder / "out" / "json").rglob("*.json"))


def _given(file: Path, name: str) -> str:
    called, equals, name = name.rpartition("=")
    return f"{called}{equals}{file}:{name}"


def test_a_source_in_a_file_takes_the_place_of_the_configured_one(shell: Shell, file: Path) -> None:
    done = shell("export", "--to", "out", "--plugin", f"{file}:OneNote", "--set", "plugins.one_note.title=Mine")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (shell.folder / "out").glob("*.md")] == ["Mine.md"]
    two = shell("export", "--to", "out", "--source", "notion", "--plugin", f"{file}:OneNote")
    assert (two.returncode, "a job has one source" in two.stderr) == (2, True)


def test_a_configuration_names_files_relative_to_itself(shell: Shell, file: Path) -> None:
    (shell.folder / "etc").mkdir()
    file.rename(shell.folder / "etc" / "mine.py")
    (shell.folder / "etc" / "job.toml").write_text(
        '[export]\nsource = "mine.py:OneNote"\n'
        'renderers = ["mine.py:Stars", {use = "mine.py:TitlesRenderer", name = "loud", shout = true}]\n'
    )
    done = shell("export", "--config", "etc/job.toml", "--to", "out")
    assert done.returncode == 0, done.stderr
    assert (shell.folder / "out" / "Note.txt").read_text() == "NOTE"
    shown = json.loads(shell("config", "show", "--config", "etc/job.toml", "--json").stdout)
    assert shown["plugins.loud.shout"]["value"] is True
    assert shown["plugins.one_note.title"]["value"] == "Note"


def test_a_configuration_that_merely_lies_here_runs_no_file(shell: Shell, file: Path) -> None:
    for text in ('source = "mine.py:OneNote"', 'renderers = [{use = "mine.py:TitlesRenderer"}]'):
        (shell.folder / "notion-sync.toml").write_text(f"[export]\n{text}\n")
        done = shell("export", "--to", "out")
        assert done.returncode == 2, done.stderr
        assert "was not named, and sets export." in done.stderr
    named = shell("config", "check", "--config", "notion-sync.toml")
    assert named.returncode == 0, named.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Both", "is of several kinds: renderer, listener"),
        ("Neither", "is no plugin: it implements no hook"),
        ("Absent", "has no Absent"),
    ],
)
def test_a_class_of_no_one_kind_is_refused(shell: Shell, file: Path, name: str, words: str) -> None:
    done = shell("export", "--to", "out", "--plugin", f"{file}:{name}")
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert "--plugin 'markdown' is no file" in shell("export", "--plugin", "markdown").stderr


def test_what_is_denied_is_as_if_it_were_not_installed_and_the_list_is_named(shell: Shell, file: Path) -> None:
    for setting in ("plugins_deny=html", "plugins_deny=['HTML']", "plugins_deny=notion-sync-core"):
        done = shell("export", "--to", "out", "--renderer", "html", "--set", f"deployment.{setting}")
        assert done.returncode == 2, done.stderr
        assert "is not used here: deployment.plugins_deny names it" in done.stderr
    done = shell("export", "--to", "s3://b/x", "--set", "deployment.plugins_deny=s3")
    assert "no sink for s3:// is installed" in done.stderr


def test_what_is_not_allowed_is_not_imported(shell: Shell, file: Path) -> None:
    file.write_text(f"open('imported', 'w')\n{FILE}")
    allowed = {"NOTION_SYNC_DEPLOYMENT__PLUGINS_ALLOW": "stars"}
    for chosen in ("--plugin", "--renderer"):
        done = shell("export", "--to", "out", chosen, f"{file}:TitlesRenderer", **allowed)
        assert done.returncode == 2, done.stderr
        assert "is not used here: deployment.plugins_allow does not name it" in done.stderr
        assert not (shell.folder / "imported").exists()
    done = shell("export", "--to", "out", "--plugin", f"{file}:Stars", **allowed)
    assert done.returncode == 0, "what comes with the program need not be named: " + done.stderr


@pytest.fixture
def command(shell: Shell) -> dict[str, str]:
    """Somebody else's command, which leaves a file where it is imported."""
    place = shell.folder / "site"
    info = place / "hello-1.2.dist-info"
    info.mkdir(parents=True)
    (place / "hello.py").write_text(
        "import click\nopen('imported', 'w')\n@click.command()\ndef hello():\n    click.echo('hello')\n"
    )
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hello\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[notion_sync.commands]\nhello = hello:hello\n")
    return {"PYTHONPATH": str(place)}


def test_the_lists_hold_for_commands_of_other_packages(shell: Shell, command: dict[str, str]) -> None:
    (shell.folder / "notion-sync.toml").write_text(
        '[deployment]\nplugins_deny = ["hello"]\n[notion]\nbase_url = "https://x.example"\n'
    )
    refused = shell("hello", **command)
    assert (refused.returncode, (shell.folder / "imported").exists()) == (2, False), refused.stderr
    assert "the command 'hello' (hello 1.2) is not used here" in refused.stderr
    (shell.folder / "notion-sync.toml").write_text("[deployment]\nplugins_deny = 7\n")
    assert "deployment.plugins_deny is 7" in shell("hello", **command).stderr
    (shell.folder / "notion-sync.toml").unlink()
    assert shell("hello", **command).stdout == "hello\n"
    by_name = shell("hello", NOTION_SYNC_DEPLOYMENT__PLUGINS_ALLOW="other", **command)
    assert "plugins_allow does not name it" in by_name.stderr


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_trace_has_each_call_and_sums_them_up(shell: Shell, file: Path) -> None:
    file.write_text(FILE.replace("title = document", '1 / (document.ref.title != "Safety"); title = document'))
    done = shell("export", "--to", "out", "--plugin", f"{file}:TitlesRenderer", "--trace", "trace.jsonl")
    assert done.returncode == 3, done.stderr
    trace = lines(shell.folder / "trace.jsonl")
    rendered = [line for line in trace if line.get("hook") == "render_document" and "pieces" not in line]
    read = [line for line in trace if line.get("hook") == "source_read" and "pieces" in line]
    assert len({line["object"] for line in rendered}) == len(rendered) == 41
    assert [line["outcome"] for line in rendered].count("ZeroDivisionError") == 1
    assert len(read) == 41
    assert all(line["pieces"] >= 1 and 0 < line["seconds"] < 60 for line in read)
    summary = {(line["plugin"], line["hook"]): line for line in trace[-1]["summary"]}
    assert summary["titles_renderer", "render_document"]["calls"] == 41
    assert summary["titles_renderer", "render_document"]["failed"] == 1
    assert summary["notion", "source_read"]["seconds"] >= sum(line["seconds"] for line in read) - 0.001
    assert "titles_renderer render_document" in done.stderr
    assert (shell.folder / "trace.jsonl").stat().st_mode & 0o077 == 0
    # A second run adds to the file, and sums up itself alone.
    shell("export", "--to", "out", "--trace", "trace.jsonl", "--renderer", "markdown")
    assert "titles_renderer" not in json.dumps(last_summary(shell.folder / "trace.jsonl"))
    assert ("titles_renderer", "render_document") in {
        (each.plugin, each.hook) for each in summed_up(shell.folder / "trace.jsonl")
    }


def test_a_trace_that_cannot_be_written_is_told_before_anything_is_done(shell: Shell) -> None:
    done = shell("export", "--to", "out", "--trace", "nowhere/trace.jsonl")
    assert done.returncode == 2, done.stderr
    assert "monitoring.trace_file: nowhere/trace.jsonl cannot be written: No such file" in done.stderr
    assert not (shell.folder / "out").exists()


def test_a_trace_lasts_until_listeners_have_heard_how_the_run_ended(shell: Shell) -> None:
    done = shell("export", "--to", "out", "--trace", "trace.jsonl", "--set", "monitoring.metrics_file=m.prom")
    assert done.returncode == 0, done.stderr
    assert "a listener failed" not in done.stderr
    *calls, summary = lines(shell.folder / "trace.jsonl")
    heard = {line["object"] for line in calls if line["hook"] == "on_event"}
    assert {"RunFinished", "CommandFinished"} <= heard
    assert "summary" in summary


def test_a_trace_that_was_closed_writes_into_nobody_elses_file(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace.jsonl")
    trace.close()
    with (tmp_path / "other").open("wb") as other:  # it has the number that the trace had
        trace.call("late", "on_event", {}, 0.0, "done")
        assert os.fstat(other.fileno()).st_size == 0
    assert len(lines(tmp_path / "trace.jsonl")) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_trace_that_the_disk_does_not_take_is_no_fault_of_a_plugin(caplog: pytest.LogCaptureFixture) -> None:
    with Trace(Path("/dev/full")) as trace:
        for _ in range(3):
            trace.call("innocent", "on_event", {}, 0.0, "done")
    assert [record.getMessage() for record in caplog.records] == [
        "monitoring.trace_file: /dev/full cannot be written: No space left on device; the run goes on without a trace"
    ]
