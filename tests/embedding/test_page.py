"""The page on embedding: every block runs as it stands, one after another, against a workspace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core import Job, embedding
from notion_sync_demo import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "embedding.md"
BLOCKS = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_block_of_the_page_runs(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTION_TOKEN", server.token)
    usual = embedding.Job.of.__func__  # type: ignore[attr-defined]

    def of(cls: type[Job], **given: Any) -> Job:
        """The page says nothing of where Notion is."""
        made: Job = usual(cls, **{"base_url": server.url, "requests": 0, "state_dir": tmp_path / "home", **given})
        return made

    server.latency_s = 0.03  # what is stopped after 0.2 s must not have ended by then
    monkeypatch.setattr(embedding.Job, "of", classmethod(of))
    text = PAGE.read_text("utf-8")
    blocks = BLOCKS.findall(text)
    assert len(blocks) >= 10
    names: dict[str, Any] = {}
    for block in blocks:
        line = text[: text.index(block)].count("\n")
        names = {"__name__": "page"}
        exec(compile("\n" * line + block, str(PAGE), "exec"), names)
        if "index" in names:
            assert len(names["index"]) == 41 and names["cursor"]
    assert names["hours"] == names["frame"]["Hours"].sum() > 0
    told = capsys.readouterr().out
    assert "41 documents" in told and "read until then" in told and "stopped\ncomplete" in told
    assert (tmp_path / "titles" / "Fernwood Bikes Handbook.txt").read_text() == "* Fernwood Bikes Handbook"
