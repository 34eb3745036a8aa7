"""What an operating system says inside a plugin is the plugin's fault: nobody is told to check the disk for it."""

from __future__ import annotations

import errno
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foreign import Desk, Notes, note
from notion_sync_core.errors import Exit, PluginError, SinkError
from notion_sync_core.plugin import Artifact, Asset, Found, Json, Ref, hookimpl
from notion_sync_core.plugins import find as finding
from notion_sync_core.stages.render import again
from notion_sync_fs import FileSystemSink


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def lost(*_: object, **__: object) -> Any:
    """What any plugin may run into."""
    raise FileNotFoundError(2, "No such file or directory", "settings.ini")


def hook(name: str, *arguments: str) -> Any:
    """An implementation of a hook that fails."""
    found: dict[str, Any] = {"lost": lost}
    exec(f"def {name}(self, {', '.join(arguments)}): lost()", found)
    return hookimpl(found[name])


def attribute() -> Any:
    """An attribute that is read from a file which is not there."""
    return property(lost, lambda *_: None)


def with_one(base: type[Any], name: str, thing: Any) -> type[Any]:
    return type("Broken", (base,), {name: thing})


class Rich(Notes):
    """A source that has everything."""

    def found(self, ref: Ref) -> Found:
        asset = Asset(f"https://example.com/{ref.id}.png", "https://example.com", "", ref.id)
        return Found(assets=(asset,), children=(("child", "page", "Child"),) if ref.id == "first" else ())

    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        return [note(object_id)]

    @hookimpl
    def source_users(self) -> Iterator[Json]:
        yield {"id": "u", "name": "Anna"}

    @hookimpl
    def source_download(self, out: Any) -> str:
        out.write(b"picture")
        out.close()
        return "image/png"


class Titles:
    """A renderer."""

    format, suffix, folder = "titles", ".txt", ""

    @hookimpl
    def render_document(self, document: Any, site: Any) -> list[Artifact]:
        return [Artifact(site.path(".txt"), [document.ref.title.encode()], "text/plain")]


def blamed(report: Any) -> str:
    """All that a report says of faults."""
    said = [item["error"] + item["remedy"] for item in report.failures]
    said += [item["message"] for item in report.warnings]
    return " ".join([*said, str(report.error or "")])


def check(report: Any, who: str, exits: tuple[int, ...] = (Exit.PARTIAL, Exit.PLUGIN)) -> None:
    assert report.exit_code in exits, blamed(report)
    assert who in blamed(report)
    assert "settings.ini" in blamed(report)
    assert "disk" not in blamed(report)


def test_what_closes_the_file_that_it_was_given_to_write_did_nothing_wrong(desk: Desk) -> None:
    report = desk.run(Rich)
    assert report.exit_code == 0, blamed(report)
    assert report.assets.downloaded == 3


SOURCES = {
    "source_discover": hook("source_discover"),
    "source_fetch": hook("source_fetch", "object_id"),
    "source_read": hook("source_read", "ref"),
    "source_download": hook("source_download", "asset"),
    **{name: attribute() for name in ("identity", "host", "version", "budget")},
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_misses_a_file_is_named(desk: Desk, name: str) -> None:
    report = desk.run(with_one(Rich, name, SOURCES[name]))
    check(report, "plugin notes" if name.startswith("source") else "the source 'notes' (elsewhere 1.2)")


RENDERERS = {
    "render_document": hook("render_document", "document"),
    "render_site": hook("render_site", "tree"),
    "render_suffixes": hook("render_suffixes", "sources"),
    **{name: attribute() for name in ("format", "suffix", "suffixes", "folder", "version", "shows_neighbours")},
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_renderer_that_misses_a_file_is_named(desk: Desk, name: str) -> None:
    base = Notes if name != "render_suffixes" else with_one(Notes, "refs", (note("base", kind="database"),))
    plugins = {("renderers", "titles"): with_one(Titles, name, RENDERERS[name])}
    check(desk.run(base, plugins=plugins, export__renderers=["titles"]), "titles")


SINKS = {
    "sink_open": hook("sink_open", "run_id"),
    "sink_stage": hook("sink_stage", "artifact"),
    "sink_commit": hook("sink_commit", "staged"),
    "sink_flush": hook("sink_flush"),
    "sink_stat": hook("sink_stat", "path"),
    "location": attribute(),
}


@pytest.mark.parametrize("name", SINKS)
def test_a_sink_that_misses_a_file_of_its_own_is_named(desk: Desk, name: str) -> None:
    plugins = {("sinks", "vault"): with_one(FileSystemSink, name, SINKS[name])}
    sinks = [{"use": "vault", "path": str(desk.out)}]
    check(desk.run(plugins=plugins, export__sinks=sinks), "vault")


def test_a_sink_that_shows_a_file_and_then_does_not_find_it_is_named(desk: Desk) -> None:
    desk.out.mkdir()
    (desk.out / "First.md").write_text("somebody's own")
    plugins = {("sinks", "vault"): with_one(FileSystemSink, "sink_read", hook("sink_read", "path"))}
    report = desk.run(plugins=plugins, export__sinks=[{"use": "vault", "path": str(desk.out)}])
    assert report.exit_code == Exit.SINK
    assert str(desk.out) in blamed(report)
    assert "First.md" in blamed(report)
    assert "Check the disk" not in blamed(report)


def test_a_sink_that_misses_a_file_while_it_reads_an_address_is_named(desk: Desk) -> None:
    kind = with_one(FileSystemSink, "options_from_url", classmethod(lost))
    with desk.installed({("sinks", "vault"): kind}), pytest.raises(PluginError, match=r"vault.*settings\.ini"):
        finding.options_from_url("vault", "vault://a/b")


class Loud(Titles):
    """A renderer of files that do not fit into memory."""

    @hookimpl
    def render_document(self, document: Any, site: Any) -> list[Artifact]:
        return [Artifact(site.path(".txt"), (bytes(1 << 20) for _ in range(6)), "text/plain")]


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_temporary_folder_that_takes_no_more_is_named_and_no_plugin(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / "file").touch()
    sinks = [{"use": "fs", "name": name, "path": str(tmp_path / name)} for name in ("one", "two")]
    job = {"plugins": {("renderers", "loud"): Loud}, "export__renderers": ["loud"], "export__sinks": sinks}
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / folder))
        report = desk.run(**job)
    assert report.exit_code == Exit.SINK, blamed(report)
    assert f"the temporary folder {tmp_path / folder} cannot be read or written" in blamed(report)
    assert "plugin" not in blamed(report)
    assert report.failures == []
    again = desk.run(**job)
    assert again.exit_code == 0, blamed(again)
    assert (tmp_path / "two" / "First.txt").stat().st_size == 6 << 20


def test_a_spool_that_cannot_be_read_again_is_the_disk_s_fault() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(SinkError, match=r"the temporary folder .* Input/output error"):
        list(again(Broken()))
