"""Somebody's own look: Jinja2 templates in place of our functions, file by file.

Only the files are templates; what a page says is never more than a value in them. The sandbox keeps
a template that somebody else wrote from reaching anything but these values.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notion_sync_core.plugin import Block, ConfigError, NotionSyncError, SkippableError
from notion_sync_markdown.context import Context
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.layout import indented, quoted, stacked
from notion_sync_markdown.parts import parts
from notion_sync_markdown.references import unknown
from notion_sync_markdown.writers import WRITERS, Writer

_SUFFIX = ".md.j2"
_BLOCKS = "blocks/"


class Book:
    """The templates of one folder.

    :raises ConfigError: the folder is missing, or a template in it is not one.
    """

    def __init__(self, folder: str, dialect: Dialect) -> None:
        self._folder = Path(folder)
        if not self._folder.is_dir():
            raise ConfigError(
                f"plugins.markdown.templates: {folder!r} is not a folder",
                "Name a folder that holds page.md.j2, database.md.j2 or blocks/TYPE.md.j2.",
            )
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # Markdown, whose text is escaped before it gets here
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(_helpers(dialect))
        self._templates = {name: self._load(name) for name in self._environment.list_templates(extensions=["j2"])}
        self.writers: Mapping[str, Writer] = {**WRITERS, **dict(self._block_writers())}

    def _load(self, name: str) -> jinja2.Template:
        try:
            return self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigError(
                f"{error.filename or self._folder / name}:{error.lineno}: {error.message}",
                "This is no Jinja2 template: https://jinja.palletsprojects.com/templates/",
            ) from None
        except (UnicodeDecodeError, OSError) as error:
            raise ConfigError(f"{self._folder / name}: {error}", "A template is a text file in UTF-8.") from None

    def document(self, kind: str, values: Mapping[str, Any]) -> Iterator[str] | None:
        """The pieces of a document's file but for its last line break; ``None`` without a template for its kind."""
        template = self._templates.get(f"{kind}{_SUFFIX}")
        return None if template is None else self._pieces(template, values)

    def _pieces(self, template: jinja2.Template, values: Mapping[str, Any]) -> Iterator[str]:
        with self._blaming(template):
            yield from template.generate(values)

    def _block_writers(self) -> Iterator[tuple[str, Writer]]:
        for name, template in self._templates.items():
            if name.startswith(_BLOCKS) and name.endswith(_SUFFIX):
                kind = name.removeprefix(_BLOCKS).removesuffix(_SUFFIX)
                yield kind, self._writer(template, WRITERS.get(kind, unknown))

    def _writer(self, template: jinja2.Template, built_in: Writer) -> Writer:
        def write(block: Block, inner: str, context: Context) -> str:
            with self._blaming(template):
                return template.render(
                    parts(block, context),
                    block=block.raw,
                    inner=inner,
                    escape=context.pen.text,
                    rich_text=context.pen.inline,
                    built_in=lambda: built_in(block, inner, context),
                ).strip("\n")

        return write

    @contextmanager
    def _blaming(self, template: jinja2.Template) -> Iterator[None]:
        """Name the file and the line of what a template does wrong."""
        try:
            yield
        except NotionSyncError:
            raise
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            inside = [frame for frame in frames if Path(frame.filename).is_relative_to(self._folder)]
            where = f"{inside[-1].filename}:{inside[-1].lineno}" if inside else str(template.filename)
            raise SkippableError(
                f"{where}: {type(error).__name__}: {error}", "Correct the template, or delete it to use the original."
            ) from None


def _helpers(dialect: Dialect) -> dict[str, Callable[..., str]]:
    """What templates may call besides the values they get."""
    return {
        "stack": stacked,
        "indent": indented,
        "quote": quoted,
        "fence": dialect.code_block,
        "heading": dialect.heading,
        "item": dialect.item,
        "callout": dialect.callout,
        "toggle": dialect.toggle,
        "columns": dialect.columns,
        "column": dialect.column,
        "tab": dialect.tab,
        "contents": dialect.contents,
        "rule": lambda: dialect.rule,
        "formula": lambda tex: dialect.formula_block(tex) if tex else "",
    }
