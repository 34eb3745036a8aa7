"""The templates: ours, and a user's in front of them, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from notion_sync_core.plugin import ConfigError, NotionSyncError, SkippableError
from notion_sync_html.markup import host, line, web_address

PACKAGE = "notion_sync_html"
_HERE = str(Path(__file__).parent)
OURS = frozenset(("style.css", "custom.css", "theme.js", "site.js"))
"""Files below ``static/`` that are made into the site's own."""
FAMILIES = {
    "heading_1": "heading",
    "heading_2": "heading",
    "heading_3": "heading",
    "heading_4": "heading",
    "bulleted_list_item": "list_item",
    "numbered_list_item": "list_item",
    "child_page": "page_link",
    "child_database": "page_link",
    "link_to_page": "page_link",
    "bookmark": "card",
    "embed": "card",
    "link_preview": "card",
    "pdf": "card",
    "file": "card",
    "transcription": "meeting_notes",
}
"""Types of blocks that share a template, unless there is one of their own name."""


class Look:
    """Renders templates by name.

    :param folder: a user's templates; ``""`` for none.
    :raises ConfigError: it is no folder, or a template in it cannot be read.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = Path(folder).expanduser() if folder else None
        self._env = SandboxedEnvironment(
            loader=_loader(self._folder),
            autoescape=True,
            auto_reload=False,
            keep_trailing_newline=True,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._env.filters.update(web_address=lambda url: web_address(str(url)) or "", host=host, line=line)
        self._blocks: dict[str, Template] = {}
        self._check()

    def block(self, kind: str, values: Mapping[str, Any]) -> Markup:
        """One block by the template of its type."""
        template = self._blocks.get(kind)
        if template is None:
            template = self._blocks[kind] = self._first_of(kind, FAMILIES.get(kind, ""), "unknown")
        return self._rendered(template, values)

    def has_block(self, kind: str) -> bool:
        """Whether there is a template of just that type: a user may add one for a type nobody else knows."""
        return any(True for _ in self._found((kind,)))

    def part(self, name: str, values: Mapping[str, Any]) -> Markup:
        """A small template, whole."""
        return self._rendered(self._env.get_template(f"{name}.html.j2"), values)

    def stream(self, name: str, values: Mapping[str, Any]) -> Iterator[str]:
        """A large template, piece by piece."""
        template = self._env.get_template(f"{name}.html.j2")
        try:
            yield from template.root_render_func(template.new_context(dict(values)))
        except NotionSyncError:
            raise
        except Exception as error:
            if _is_ours(error.__traceback__):
                raise
            raise _explained(error, template) from error

    def static(self, name: str) -> str | None:
        """The text of a file below ``static/``, or ``None``."""
        try:
            assert self._env.loader is not None
            return self._env.loader.get_source(self._env, f"static/{name}")[0]
        except TemplateNotFound:
            return None

    def extras(self) -> Iterator[tuple[str, Path]]:
        """A user's own files below ``static/`` that replace none of ours: they go along as they are."""
        root = self._folder / "static" if self._folder else None
        for path in sorted(root.rglob("*")) if root else ():
            name = path.relative_to(root).as_posix() if root else ""
            if path.is_file() and name not in OURS:
                yield name, path

    def _rendered(self, template: Template, values: Mapping[str, Any]) -> Markup:
        try:
            parts = template.root_render_func(template.new_context(dict(values)))
            # The environment escapes.
            return Markup("".join(parts))  # noqa: S704 # nosec B704
        except Exception as error:
            raise _explained(error, template) from error

    def _first_of(self, *names: str) -> Template:
        return next(self._found(names))

    def _found(self, names: tuple[str, ...]) -> Iterator[Template]:
        for name in names:
            if name.isidentifier():
                try:
                    yield self._env.get_template(f"blocks/{name}.html.j2")
                except TemplateNotFound:
                    continue

    def _check(self) -> None:
        """Read a user's templates now, so that a mistake stops the run before it begins."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            raise ConfigError(
                f"the folder of templates {str(self._folder)!r} does not exist",
                "`notion-sync templates copy` makes one to start from.",
            )
        for path in sorted(self._folder.rglob("*.j2")):
            try:
                self._env.get_template(path.relative_to(self._folder).as_posix())
            except TemplateSyntaxError as error:
                raise ConfigError(f"{error.filename}, line {error.lineno}: {error.message}") from None
            except (UnicodeDecodeError, OSError) as error:
                raise ConfigError(f"{path}: {error}") from None


def _loader(folder: Path | None) -> BaseLoader:
    ours = PackageLoader(PACKAGE)
    return ours if folder is None else ChoiceLoader([FileSystemLoader(folder), ours])


def _explained(error: Exception, template: Template) -> SkippableError:
    """The error with the template's file and line, as far as they are known."""
    place = template.filename or template.name or "template"
    number = 0
    trace = error.__traceback__
    while trace is not None:
        found = trace.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(found, Template):
            place, number = found.filename or place, found.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    what = error.message if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
    where = f"{place}, line {number}" if number else place
    return SkippableError(f"{where}: {what}", "Correct the template, or remove it to use the built-in one.")


def _is_ours(trace: TracebackType | None) -> bool:
    """Whether an error began in our own code, below the last template."""
    ours = False
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        is_template = "__jinja_template__" in trace.tb_frame.f_globals
        ours = not is_template and (ours or (name.startswith(_HERE) and not name.endswith("look.py")))
        trace = trace.tb_next
    return ours
