"""How Sphinx makes a site of these pages (``make docs``).

They are written to be read where they lie, too. So the sources are the repository's own pages, links between them work
in both places, and the tree of the site is made of the lists of links in its index pages.
"""

from __future__ import annotations

import importlib
import posixpath
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

from notion_sync_core._version import __version__  # noqa: E402

project = "Notion Sync"
author = project_copyright = "The authors of Notion Sync"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "examples/*/README.md"]
exclude_patterns = [
    ".*",
    "build",
    "dist",
    "deploy",
    "examples/*/*/**",
    "notion_sync_core",
    "plugins",
    "tests",
    "**/node_modules",
]
nitpicky = True
nitpick_ignore = [("py:class", "pandas.DataFrame"), ("py:class", "polars.DataFrame")]  # not everybody has them
suppress_warnings = ["toc.multiple_toc_parents"]  # a guide may be for several kinds of visitors

myst_heading_anchors = 5
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sourcelink = False
pygments_dark_style = "monokai"
copybutton_prompt_text = "$ "

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"

MODULES = ("notion_sync_core", "notion_sync_core.plugin", "notion_sync_core.testing")
"""What others may import: their names are the reference of Python."""
for lazily in ("preview", "inspection", "testing.examine", "testing.strategies"):
    importlib.import_module(f"notion_sync_core.{lazily}")  # named in signatures, loaded by nobody yet
importlib.import_module("asyncio")
PYTHON = "docs/reference/python"
INDEXES = re.compile(r"docs/(index|faq|how-to/.*|reference/index|explanation/(index|decisions))$")
"""Pages whose lists of links are the tree of the site."""
BESIDES = {
    "docs/how-to/plugin-author": ["examples/*/README"],
    "docs/how-to/embedder": ["docs/recipes/*"],
    "docs/explanation/index": ["CODE_OF_CONDUCT", "GOVERNANCE"],
}
"""Pages that hang below others, if they are there."""
_ENTRY = re.compile(r"^ *[-*0-9.]+ \[[^\]]*\]\(([^)#:]+)\.md\)", re.M)


def read(_: Sphinx, docname: str, source: list[str]) -> None:
    """Add what is the site's alone to a page: its part of the tree, and the reference of Python."""
    if INDEXES.match(docname):
        besides = (found for pattern in BESIDES.get(docname, ()) for found in sorted(ROOT.glob(f"{pattern}.md")))
        listed = [f"/{_from_root(docname, entry)}" for entry in _ENTRY.findall(source[0])]
        entries = [*listed, *(f"/{each.relative_to(ROOT).with_suffix('')}" for each in besides)]
        source[0] += "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(dict.fromkeys(entries)) + "\n```\n"
    if docname == PYTHON:
        source[0] += "\n".join(_python())


def _from_root(docname: str, entry: str) -> str:
    """Where an entry of a page lies in the repository."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(docname), entry))


def _python() -> list[str]:
    """A directive for each public name."""
    lines = [""]
    for home in MODULES:
        module = importlib.import_module(home)
        lines += [f"## {home}", "", "```{eval-rst}", f".. automodule:: {home}", "   :no-members:", ""]
        for name in module.__all__:
            found = getattr(module, name)
            if isinstance(found, type):
                hidden = "   :members:\n   :show-inheritance:\n" + (
                    "   :no-index:\n" if _is_elsewhere(home, name) else ""
                )
                lines += [f".. autoclass:: {home}.{name}\n{hidden}"]
            elif callable(found) and hasattr(found, "__code__"):
                lines += [f".. autofunction:: {home}.{name}", ""]
        lines += ["```", ""]
    return lines


def _is_elsewhere(home: str, name: str) -> bool:
    before = MODULES[: MODULES.index(home)]
    return any(name in importlib.import_module(each).__all__ for each in before)


def link(app: Sphinx, env: BuildEnvironment, node: Any, text: nodes.TextElement) -> nodes.Node | None:
    """Where a name of Python leads: to its place here under whatever home it is named; or nowhere, if it exists."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"]).removeprefix("~")
    domain = env.domains["py"]
    last = target.rpartition(".")[2]
    for name, found in sorted(domain.objects.items()):
        if name == target or name.endswith(f".{target}") or (name.endswith(f".{last}") and name.count(".") < 4):
            return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, text, target)
    return text if _exists(target) else None


def _exists(target: str) -> bool:
    """Whether a name is one of the package, of its libraries or of Python."""
    homes = [name for name in sys.modules if name.startswith("notion_sync_core")]
    for start in ("", "builtins", "typing", "collections.abc", *sorted(homes)):
        parts = [*start.split("."), *target.split(".")] if start else target.split(".")
        for split in range(len(parts), 0, -1):
            module = sys.modules.get(".".join(parts[:split]))
            if module is None:
                continue
            found: Any = module
            for part in parts[split:]:
                found = getattr(found, part, getattr(found, "__annotations__", {}).get(part))
            if found is not None:
                return True
            break
    return False


def begin(app: Sphinx, error: Exception | None) -> None:
    """Let the folder of the site open with the first page, and show all pictures."""
    if error is None and app.builder.format == "html":
        lead = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=docs/index.html">'
        (Path(app.outdir) / "index.html").write_text(f"{lead}\n<title>{project}</title>\n", "utf-8")
        # What HTML within a page shows is where it was, too.
        shutil.copytree(ROOT / "docs" / "pictures", Path(app.outdir) / "docs" / "pictures", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", read)
    app.connect("missing-reference", link)
    app.connect("build-finished", begin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
