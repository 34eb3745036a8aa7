"""The copy of an SVG shows what the original shows, and can do nothing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.mirror.svg import LARGEST, picture

ROOT = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DOCS = Path(__file__).parents[2] / "docs"


def shown(inside: str, root: str = "") -> str:
    """What is left inside the root."""
    found = picture(f"<svg {ROOT}{root}>{inside}</svg>".encode())
    assert found is not None
    text = found.decode()
    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    return text.removeprefix('<svg xmlns="http://www.w3.org/2000/svg"').removesuffix("</svg>\n").removeprefix(">")


@pytest.mark.parametrize(
    "inside",
    [
        '<g fill="red" transform="rotate(45) translate(1, 2)"><path d="M0 0h1"></path></g>',
        '<text x="1">a &lt; b<tspan>c</tspan></text>',
        "<style>.a{fill:red;stroke:#fff}#b&gt;c{opacity:.5}</style>",
        '<linearGradient id="g"><stop offset="0" stop-color="rgb(1, 2, 3)"></stop></linearGradient>',
        '<rect fill="url(#g)" style="filter:url(#f);font-family:&quot;A B&quot;"></rect>',
        '<use href="#a"></use>',
        '<image href="data:image/png;base64,iVBORw0KGgo="></image>',
        '<animate attributeName="opacity" values="0;1" dur="1s"></animate>',
        '<animateTransform attributeName="transform" type="rotate" to="360"></animateTransform>',
    ],
)
def test_what_only_looks_stays(inside: str) -> None:
    assert shown(inside) == inside


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<script>x()</script>", ""),
        ('<script href="http://a.invalid/x.js"/>', ""),
        ('<script xmlns="http://www.w3.org/1999/xhtml">x()</script>', ""),
        ('<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/></foreignObject>', ""),
        ('<h:script xmlns:h="http://www.w3.org/1999/xhtml">x()</h:script>', ""),
        ("<handler>x()</handler>", ""),
        ('<g onload="x()" onclick="x()"/>', "<g></g>"),
        ('<a href="javascript:x()"><text>y</text></a>', "<g><text>y</text></g>"),
        ('<a xlink:href="http://a.invalid/"><text>y</text></a>', "<g><text>y</text></g>"),
        ('<use href="http://a.invalid/#a"/>', "<use></use>"),
        ('<use xlink:href="data:image/svg+xml,x#a"/>', "<use></use>"),
        ('<image href="http://a.invalid/x.png"/>', "<image></image>"),
        ('<image href="//a.invalid/x.png"/>', "<image></image>"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "<image></image>"),
        ('<feImage href="http://a.invalid/x.png"/>', ""),
        ('<rect fill="url(http://a.invalid/#g)"/>', "<rect></rect>"),
        ('<rect fill="url( //a.invalid/#g )"/>', "<rect></rect>"),
        ('<rect fill="u\\72l(//a.invalid)"/>', "<rect></rect>"),
        ('<rect fill="image-set(&quot;x.png&quot; 1x)"/>', "<rect></rect>"),
        ('<rect style="fill:red;background:url(//a.invalid);behavior:url(x)"/>', '<rect style="fill:red"></rect>'),
        ("<style>@import url(//a.invalid/x.css);.a{fill:red}</style>", "<style>.a{fill:red}</style>"),
        ("<style>@media print{.a{fill:red}.b{fill:red}}.c{fill:red}</style>", "<style>.c{fill:red}</style>"),
        ("<style>@font-face{src:url(//a.invalid)}</style>", "<style></style>"),
        ("<style>.a{fill:url(//a.invalid);cursor:url(x)}</style>", "<style></style>"),
        ('<style media="print">.a{fill:red}</style>', ""),
        ('<animate attributeName="href" values="javascript:x()"/>', ""),
        ('<animate attributeName="xlink:href" values="javascript:x()"/>', ""),
        ('<set attributeName="onclick" to="x()"/>', ""),
        ('<?xml-stylesheet href="//a.invalid/x.css"?><!-- a -->', ""),
        ('<g xml:base="http://a.invalid/" xml:lang="en"/>', '<g xml:lang="en"></g>'),
        ('<metadata><a xmlns="b">c</a></metadata>text', ""),
    ],
)
def test_what_could_run_load_or_lead_somewhere_is_left_out(inside: str, left: str) -> None:
    assert shown(inside) == left


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<svg/>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        f"<svg {ROOT}>".encode(),
        f"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg {ROOT}>&a;</svg>".encode(),
        f"<!DOCTYPE svg [<!ENTITY % a SYSTEM 'file:///etc/passwd'>%a;]><svg {ROOT}/>".encode(),
        f"<!DOCTYPE svg SYSTEM 'http://a.invalid/x.dtd'><svg {ROOT}>&a;</svg>".encode(),
        f"<?xml version='1.0' encoding='nobody-knows'?><svg {ROOT}/>".encode(),
        f"<svg {ROOT}/>".encode() + b" " * LARGEST,
    ],
    ids=range(10),
)
def test_what_is_no_plain_svg_has_no_picture(content: bytes) -> None:
    assert picture(content) is None


@pytest.mark.parametrize("name", ["benchmarks-time.svg", "benchmarks-memory.svg"])
def test_a_drawing_of_a_real_program_keeps_every_line_of_it(name: str) -> None:
    original = (DOCS / name).read_bytes()
    copy = picture(original)
    assert copy is not None
    for element in (b"<path ", b"<use ", b"<g ", b"<clipPath "):
        assert copy.count(element) == original.count(element)


_NAMES = st.sampled_from(["svg", "g", "a", "path", "script", "style", "text", "use", "image", "set", "animate", "x:y"])
_VALUES = st.text("a#u:/(url)\"'{};@\\ <&*\n\t", max_size=12) | st.sampled_from(
    ["url(#a)", "url(http://a)", "javascript:x", "//a", "#a", "data:image/png;base64,AA", "rgb(1,2)", "a{fill:red}"]
)
_KEYS = st.sampled_from(["href", "xlink:href", "fill", "style", "onload", "id", "d", "attributeName", "xml:space"])


def _quoted(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", "&#10;")


@st.composite
def drawings(draw: st.DrawFn, depth: int = 2) -> str:
    name = draw(_NAMES)
    attributes = draw(st.dictionaries(_KEYS, _VALUES, max_size=3))
    inside = draw(_VALUES.map(_quoted)) + ("".join(draw(st.lists(drawings(depth - 1), max_size=2))) if depth else "")
    shown = "".join(f' {key}="{_quoted(value)}"' for key, value in attributes.items())
    return f"<{name}{shown}>{inside}</{name}>"


@given(st.lists(drawings(), max_size=3))
def test_the_copy_of_a_copy_is_the_copy_and_leads_nowhere(inside: list[str]) -> None:
    copy = picture(f'<svg {ROOT} xmlns:x="y">{"".join(inside)}</svg>'.encode())
    assert copy is not None
    assert picture(copy) == copy
    seen: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: seen.append((name, attributes))
    parser.Parse(copy, True)
    for name, attributes in seen:
        assert name not in ("script", "a", "set", "x:y")
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("href", "#").startswith(("#", "data:image/png;"))
        assert "url(http" not in "".join(attributes.values())
    assert not re.search(rb"<style>[^<]*url\(http", copy)
