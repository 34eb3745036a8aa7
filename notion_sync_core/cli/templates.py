"""``templates``: the originals of what renderers are made of."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from notion_sync_core.cli.options import common
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import ConfigError, SinkError
from notion_sync_core.plugins.find import load_class


@click.group()
def templates() -> None:
    """Give pages a look of your own."""


@templates.command(epilog="Example:  notion-sync templates copy my-look --renderer html")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--renderer", default="html", show_default=True, metavar="NAME", help="Whose templates.")
@common
def copy(folder: Path, renderer: str, as_json: bool, **_: object) -> None:
    """Copy a renderer's templates to FOLDER, to change them there.

    Keep only the files you change, and name the folder in the configuration:

    \b
      [plugins.html]
      templates = "my-look"
    """
    written = copy_templates(renderer, folder)
    if as_json:
        voice().json({"folder": str(folder), "written": written})
        return
    voice().say(
        f"{len(written)} templates in {folder}.", f"  Use them with: --set plugins.{renderer}.templates={folder}"
    )


def copy_templates(renderer: str, folder: Path) -> list[str]:
    """Copy the originals; files that are there already are left alone.

    :returns: the names of the files that were written.
    :raises ConfigError: this renderer has no templates, or a file is in the way.
    """
    package = getattr(load_class("renderers", renderer), "template_package", None)
    if not package:
        raise ConfigError(f"the renderer {renderer!r} is not made of templates", "Try html or markdown.")
    originals = resources.files(package).joinpath("templates")
    with resources.as_file(originals) as root:
        names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        there = [name for name in names if (folder / name).exists()]
        if there:
            raise ConfigError(f"{folder / there[0]} exists already", "Nothing was written. Choose another folder.")
        try:
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((root / name).read_bytes())
        except OSError as error:
            raise SinkError(f"{folder} cannot be written: {error.strerror}", "Choose another folder.") from None
    return names
