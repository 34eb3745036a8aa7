"""An SVG as a picture and nothing else: what could run, load or lead anywhere is left out.

A browser runs an SVG's scripts when the file itself is opened, and loads what it names. So what is shown is written
anew from lists of what may be in it; other lists are another :data:`~notion_sync_core.mirror.suffix.PICTURE_RULE`.
The parser reads no document type beyond its name, and takes no entities.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

LARGEST = 4 << 20
"""Bytes of a file that is made a picture; a larger one is linked."""
_DEEPEST = 200
"""Levels; what is deeper is left out, as browsers stop at some hundreds."""
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_TEXTS = frozenset(("text", "tspan", "textPath", "title", "desc"))
_SHAPES = frozenset(
    """
    svg g defs symbol use switch a image path rect circle ellipse line polyline polygon marker clipPath mask pattern
    linearGradient radialGradient stop filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
    feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
    feTurbulence animate animateMotion animateTransform mpath style
    """.split()
)
_ELEMENTS = _SHAPES | _TEXTS
_RENAMED = {"a": "g"}
"""A link is a group that leads nowhere."""
_PRESENTATION = frozenset(
    """
    alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters
    direction display dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font font-family
    font-size font-size-adjust font-stretch font-style font-variant font-weight image-rendering isolation
    letter-spacing lighting-color marker marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity
    overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration
    text-rendering transform transform-origin unicode-bidi vector-effect visibility white-space word-spacing
    writing-mode
    """.split()
)
"""What attributes, style sheets and animations may set."""
_ATTRIBUTES = _PRESENTATION | frozenset(
    """
    accumulate additive amplitude attributeName azimuth baseFrequency begin bias by calcMode class clipPathUnits cx cy
    d diffuseConstant divisor dur dx dy edgeMode elevation end exponent fill filterUnits fr from fx fy
    gradientTransform gradientUnits height id in in2 intercept k1 k2 k3 k4 kernelMatrix kernelUnitLength keyPoints
    keySplines keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits
    method mode numOctaves offset operator order orient path pathLength patternContentUnits patternTransform
    patternUnits points pointsAtX pointsAtY pointsAtZ preserveAspectRatio primitiveUnits r radius refX refY repeatCount
    repeatDur result restart rotate rx ry scale seed side slope spacing specularConstant specularExponent spreadMethod
    startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues targetX targetY textLength to
    type values version viewBox width x x1 x2 xChannelSelector y y1 y2 yChannelSelector z
    """.split()
)
_ANIMATED = _PRESENTATION | frozenset(
    """
    cx cy d dx dy fx fy gradientTransform height offset patternTransform points r rx ry startOffset stdDeviation
    viewBox width x x1 x2 y y1 y2
    """.split()
)
_FUNCTIONS = frozenset(
    """
    blur brightness calc contrast cubic-bezier drop-shadow grayscale hsl hsla hue-rotate invert matrix matrix3d max
    min opacity rgb rgba rotate saturate scale scalex scaley sepia skewx skewy steps translate translatex translatey
    """.split()
)
_EMAN = re.compile(r"[\w-]*")
"""The name of a function, read from its end: no long word is looked at twice."""
_OWN_URL = re.compile(r"""url\(\s*(["']?)#[\w.:-]+\1\s*\)""", re.ASCII)
_OWN = re.compile(r"#[^\s\"'<>\\]+")
_PIXELS = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_UNSAFE_TEXT = re.compile(r"[\\<@{}]|/\*|:/|//")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACES = re.compile(r"([{}])")
_SELECTOR = re.compile(r"[\w\s.#,>+~*:()\[\]=\"'^$|-]+")


class _UnsafeError(Exception):
    """It declares entities, or is no SVG."""


def picture(content: bytes) -> bytes | None:
    """A copy that shows the same and does nothing; ``None`` for what is no well-formed SVG, or is too large.

    Equal bytes give equal copies, and the copy of a copy is the copy.

    :param content: the whole file: old versions of the parser take a long value in pieces again and again.
    """
    if len(content) > LARGEST:
        return None
    writer = _Writer()
    try:
        writer.parser.Parse(content, True)
    except (expat.ExpatError, _UnsafeError, LookupError, ValueError):  # the latter two of encodings nobody knows
        return None
    return ("".join(writer.out) + "\n").encode()


class _Writer:
    """Writes what may stay while it is read."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._open: list[str] = []
        self._skipped = 0
        """Levels below an element that is left out."""
        self._style: list[str] = []
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse

    @staticmethod
    def _refuse(*_: Any) -> int:
        raise _UnsafeError

    def _start(self, name: str, attributes: list[str]) -> None:
        space, _, tag = name.rpartition(" ")
        allowed = space == _SVG and tag in _ELEMENTS
        if not self._open and not self._skipped and not (allowed and tag == "svg"):
            raise _UnsafeError
        if self._skipped or not allowed or len(self._open) >= _DEEPEST:
            self._skipped += 1
            return
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        if not _may_stay(tag, dict(pairs)):
            self._skipped += 1
            return
        shown = "".join(f' {key}="{_quoted(value)}"' for key, value in _kept(tag, pairs))
        tag = _RENAMED.get(tag, tag)
        self.out.append(f"<{tag}{shown}>" if self._open else f'<{tag} xmlns="{_SVG}"{shown}>')
        self._open.append(tag)

    def _end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        tag = self._open.pop()
        if tag == "style":
            self.out.append(_escaped(_style_sheet("".join(self._style))))
            self._style = []
        self.out.append(f"</{tag}>")

    def _text(self, text: str) -> None:
        if self._skipped or not self._open:
            return
        if self._open[-1] == "style":
            self._style.append(text)
        elif self._open[-1] in _TEXTS:
            self.out.append(_escaped(text))


def _kept(tag: str, attributes: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The attributes that may stay; what leads somewhere leads to another part of the picture."""
    seen = set()
    for name, value in attributes:
        space, _, key = name.rpartition(" ")
        if key == "href" and space in ("", _XLINK):
            kept = value if _OWN.fullmatch(value) or (tag == "image" and _PIXELS.fullmatch(value)) else None
        elif space == _XML:
            kept, key = (value if key in ("space", "lang") and _is_harmless(value) else None), f"xml:{key}"
        elif space:
            kept = None
        elif key == "style":
            kept = _declarations(value) or None
        else:
            kept = value if key in _ATTRIBUTES and _is_harmless(value) else None
        if kept is not None and key not in seen:
            seen.add(key)
            yield key, kept


def _may_stay(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an animation changes only how things look, and a style sheet is for screens."""
    if tag in ("animate", "animateTransform"):
        return attributes.get("attributeName", "") in _ANIMATED
    return tag != "style" or attributes.get("media", "").strip() in ("", "all", "screen")


def _is_harmless(value: str) -> bool:
    """Whether a value loads nothing: its functions are known, and its addresses lead into the picture itself."""
    if "(" not in value and not _UNSAFE_TEXT.search(value):
        return True
    rest = _OWN_URL.sub(" ", value)
    return not _UNSAFE_TEXT.search(rest) and all(_name_at_end(before) in _FUNCTIONS for before in rest.split("(")[:-1])


def _name_at_end(text: str) -> str:
    found = _EMAN.match(text.rstrip()[::-1])
    return found[0][::-1].lower() if found else ""


def _declarations(style: str) -> str:
    """The declarations of a style that may stay."""
    kept = []
    for declaration in _COMMENT.sub(" ", style).split(";"):
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if colon and value and name in _PRESENTATION and _is_harmless(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def _style_sheet(sheet: str) -> str:
    """The rules of a style sheet that may stay: plain ones, no ``@`` rules."""
    kept: list[str] = []
    depth = 0
    selector = last = ""
    for piece in _BRACES.split(_COMMENT.sub(" ", sheet)):
        if piece == "{":
            depth += 1
            selector = last.rpartition(";")[2] if depth == 1 else "@"  # what stands in others is an @ rule
        elif piece == "}":
            declarations = _declarations(last) if depth == 1 and _SELECTOR.fullmatch(selector) else ""
            if declarations:
                kept.append(f"{' '.join(selector.split())}{{{declarations}}}")
            depth = max(0, depth - 1)
            selector = "@"
        last = piece
    return "".join(kept)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\r", "&#13;")


def _quoted(value: str) -> str:
    """A value for an attribute; line breaks would become blanks."""
    return html.escape(value).replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")
