"""Alerts and dashboard as they are shipped, and what their queries name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from notion_sync_core.watch.metrics import METRICS, PREFIX

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yml"
RULE_TESTS = DEPLOY / "prometheus" / "alerts.test.yml"
DASHBOARD = DEPLOY / "grafana" / "notion-sync.json"


def alerts() -> dict[str, dict[str, Any]]:
    """Each rule by its alert."""
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def dashboard() -> dict[str, Any]:
    """The whole of it."""
    read: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return read


def queries() -> dict[str, str]:
    """Each query of the dashboard by its panel and letter."""
    board = dashboard()
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel.get("targets", ())
    }
    found |= {f"annotation {each['name']}": each["expr"] for each in board["annotations"]["list"]}
    return found


def named(query: str) -> set[str]:
    """The metrics in a query, as the table calls them."""
    names = {name.removeprefix(PREFIX) for name in re.findall(rf"\b{PREFIX}\w+", query)}
    return {name if name in METRICS else re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
