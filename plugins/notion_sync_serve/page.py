"""The status page: rendered here, escaped, and of use without a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from attrs import define, field
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from notion_sync_core.plugin import counted, duration
from notion_sync_serve.overview import moment

STATIC = {
    "/static/icon.svg": "image/svg+xml",
    "/static/status.css": "text/css; charset=utf-8",
    "/static/status.js": "text/javascript; charset=utf-8",
}
"""Files of the page, with what they are."""


@cache
def static(path: str) -> bytes:
    """The content of one of :data:`STATIC`."""
    return (files(__package__) / "templates" / path.removeprefix("/")).read_bytes()


@define
class Page:
    """Renders."""

    _template: Template = field(init=False)

    def __attrs_post_init__(self) -> None:
        loader = PackageLoader(__package__, "templates")
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        environment.filters |= {"moment": moment, "duration": duration, "path": lambda text: quote(text, safe="")}
        environment.globals["counted"] = counted
        self._template = environment.get_template("status.html.j2")

    def render(self, told: dict[str, Any], form_token: Callable[[str], str] | None) -> str:
        """The page as HTML.

        :param told: see :func:`~notion_sync_serve.overview.overview`.
        :param form_token: for the form of a job; ``None``: nothing can be started.
        """
        checks = told["health"]
        worst = next((each for each in ("fail", "warn") if any(check["status"] == each for check in checks)), "pass")
        return self._template.render(told, worst=worst, form_token=form_token)
