"""HTML that plugins give for a block: everything that could run, load from outside or leave the page is taken out.

What :func:`~notion_sync_core.hookspecs.render_block` returns may hold the block's children, so all that this renderer
writes itself passes through unchanged.
"""

from __future__ import annotations

import re

import nh3
from markupsafe import Markup

from notion_sync_core.plugin import SAFE_SCHEMES

_TAGS = frozenset(
    """
    a abbr article aside audio b bdi bdo blockquote br caption cite code col colgroup data dd del
    details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark nav
    ol p picture pre q rp rt ruby s samp section small source span strong sub summary sup table tbody td
    tfoot th thead time tr u ul var video wbr math semantics annotation menclose merror mfenced mfrac mi
    mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub
    msubsup msup mtable mtd mtext mtr munder munderover none
    """.split()
)
_EVERYWHERE = frozenset(("class", "dir", "id", "lang", "role", "tabindex", "title", "aria-hidden", "aria-label"))
_ATTRIBUTES = {
    "*": set(_EVERYWHERE),
    "a": {"href", "hreflang", "download", "rel"},
    "annotation": {"encoding"},
    "audio": {"controls", "loop", "preload", "src"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"datetime"},
    "details": {"open", "name"},
    "img": {"alt", "decoding", "height", "loading", "src", "width"},
    "ins": {"datetime"},
    "li": {"value"},
    "math": {"display", "xmlns"},
    "mi": {"mathvariant"},
    "mo": {"fence", "form", "largeop", "lspace", "movablelimits", "rspace", "separator", "stretchy"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "mathcolor", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "rowlines"},
    "ol": {"reversed", "start", "type"},
    "pre": {"data-language"},
    "source": {"src", "type"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"abbr", "colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"controls", "height", "loop", "muted", "poster", "preload", "src", "width"},
}
_LOADED = frozenset(("src", "poster"))
_SKIPPED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
"""White space and control characters, which browsers drop out of an address before they read it, some anywhere."""
_OUTSIDE = re.compile(r"[^/?#]*:|[/\\]")
"""An address with a scheme or a host, or from the root of a disk or server; what stands before a colon may be any."""
_ADDRESSES = _LOADED | {"href"}
_NO_BREAKS = dict.fromkeys(range(0x20))
_TO_A_HOST = re.compile(r"[/\\]{2}")


def sanitised(html: str) -> Markup:
    """The part of a plugin's HTML that is safe to show."""
    kept = nh3.clean(
        html.encode("utf-8", "replace").decode(),  # it takes no half of a surrogate pair
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes=set(SAFE_SCHEMES),
        link_rel=None,
        clean_content_tags={"script", "style", "iframe", "noscript", "template", "object"},
    )
    # That is what nh3 is for.
    return Markup(kept)  # noqa: S704 # nosec B704


def _filter(_: str, attribute: str, value: str) -> str | None:
    """Nothing is loaded but from the export itself; a link to a host has a scheme that says how it is reached."""
    if attribute not in _ADDRESSES:
        return value
    bare = _SKIPPED.sub("", value)
    if attribute in _LOADED:
        return None if _OUTSIDE.match(bare) else value.translate(_NO_BREAKS)
    if _TO_A_HOST.match(bare):
        # From file:// that would be a share of the local network, to which Windows would log in.
        return None
    return value.translate(_NO_BREAKS)
