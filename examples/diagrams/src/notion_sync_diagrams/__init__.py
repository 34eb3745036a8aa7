"""Mermaid diagrams and callouts, for a site in HTML; all other blocks are left to the renderer."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

from attrs import frozen
from notion_sync_core.plugin import SAFE_SCHEMES, Block, Destination, Run, Site, hookimpl, plain_text, runs

_KINDS = {
    "red": ("danger", "Danger"),
    "orange": ("caution", "Caution"),
    "yellow": ("warning", "Warning"),
    "green": ("tip", "Tip"),
    "blue": ("note", "Note"),
}
_TAGS = {"bold": "strong", "italic": "em", "strikethrough": "s", "underline": "u", "code": "code"}


@frozen(eq=False)
class DiagramsBlock:
    """Mermaid diagrams and callouts, for a site in HTML.

    It stands beside a renderer. Its attributes are the keys of ``[plugins.diagrams]``.
    """

    mermaid: bool = True
    """Code blocks whose language is mermaid become figures, which Mermaid's script draws where a site has it."""
    callouts: bool = True
    """Callouts become notes with a label, by their colour: a red one says Danger."""

    api_version = "1.0"
    version = "1"

    @hookimpl
    def render_block(self, format: str, block: Block, inner: str, site: Site) -> str | None:
        """A figure or a note in HTML; ``None`` for all else."""
        if format != "html":
            return None
        if self.mermaid and block.type == "code" and block.payload.get("language") == "mermaid":
            return _figure(block, site)
        if self.callouts and block.type == "callout":
            return _note(block, inner, site)
        return None


def _figure(block: Block, site: Site) -> str:
    """The source of a diagram where the script looks for it; without the script it can be read."""
    caption = _inline(block.caption, site)
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    source = escape(plain_text(block.rich_text), quote=False)
    return f'<figure class="diagram"><pre class="mermaid">{source}</pre>{below}</figure>'


def _note(block: Block, inner: str, site: Site) -> str:
    color = str(block.payload.get("color") or "").removesuffix("_background")
    kind, label = _KINDS.get(color, ("info", "Info"))
    text = _inline(block.rich_text, site)
    return (
        f'<section class="callout callout-{kind}" role="note" aria-label="{label}">'
        f'<p class="callout-title"><strong>{label}</strong></p><p>{text}</p>{inner}</section>'
    )


def _inline(items: object, site: Site) -> str:
    return "".join(_run(run) for run in runs(items, site))


def _run(run: Run) -> str:
    text = escape(run.text).replace("\n", "<br>")
    for look, tag in _TAGS.items():
        if look in run.look:
            text = f"<{tag}>{text}</{tag}>"
    href = _href(run.to) if run.to else ""
    return f'<a href="{escape(href)}">{text}</a>' if href else text


def _href(to: Destination) -> str:
    """An address that may be followed; empty for one that a browser would run."""
    if to.is_local:
        return quote(to.href) + (f"#{to.fragment}" if to.fragment else "")
    return to.href if urlsplit(to.href).scheme.lower() in SAFE_SCHEMES else ""
