"""The audit fails for what is known and unanswered, and never says that all is well when it could not ask."""

from __future__ import annotations

import json
from typing import Any

import audit


def said(*packages: dict[str, Any]) -> tuple[int, str]:
    status, lines = audit.judge(json.dumps({"dependencies": packages}))
    return status, "\n".join(lines)


def test_a_known_fault_without_an_answer_fails() -> None:
    status, text = said({"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]})
    assert status == 1
    assert "x 1: PYSEC-1 (2)" in text


def test_the_advisory_about_diskcache_is_told_and_answered() -> None:
    fault = {"id": "PYSEC-2026-2447", "aliases": ["CVE-2025-69872"], "fix_versions": []}
    status, text = said({"name": "diskcache", "version": "5.6.3", "vulns": [fault]})
    assert status == 0
    assert "SafeDisk" in text


def test_a_service_out_of_reach_is_told_loudly_and_is_no_failure() -> None:
    for status, lines in (audit.judge(""), audit.judge("Traceback"), audit.judge('{"dependencies": []}')):
        assert status == 0
        assert "NOT AUDITED" in lines[0]
    status, text = said({"name": "x", "skip_reason": "not found"})
    assert (status, "NOT AUDITED" in text) == (0, True)
    status, text = said({"name": "x", "skip_reason": "not found"}, {"name": "y", "version": "1", "vulns": []})
    assert (status, "1 packages were not audited: x" in text) == (0, True)
