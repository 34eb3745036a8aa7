"""Payloads that would run a script if anything went out unescaped, put into every field a page has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from attrs import evolve

from notion_sync_core.document import Entry, Row, Target
from notion_sync_core.model import Json
from plugins.html_samples import comment, equation, mention, paragraph, prop
from plugins.rendering import MemoryDocument, MemorySite, MemoryTree, block, ref, span, table

CALL = "window.top.canary(1)"
"""What a payload would call."""
OUTSIDE = "http://canary.invalid/x"
"""What a payload would load."""

PAYLOADS = [
    f"<script>{CALL}</script>",
    f"</script><script>{CALL}</script>",
    f"<SCRIPT SRC={OUTSIDE}.js></SCRIPT>",
    f"<scr<script>ipt>{CALL}</scr</script>ipt>",
    f"<img src=x onerror={CALL}>",
    f'"><img src=x onerror={CALL}>',
    f"'><img src=x onerror={CALL}>",
    f"`><img src=x onerror={CALL}>",
    f'" onmouseover="{CALL}" autofocus onfocus="{CALL}" x="',
    f"' onmouseover='{CALL}' autofocus onfocus='{CALL}' x='",
    f" onfocus={CALL} autofocus tabindex=1 ",
    f"<svg onload={CALL}>",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{CALL}'><text y=20>x</text></a></svg>",
    f"<math><mtext><script>{CALL}</script></mtext></math>",
    f"<math href='javascript:{CALL}'>x</math>",
    f"<math><mi//xlink:href='javascript:{CALL}'>x</mi></math>",
    f"</math><img src=x onerror={CALL}>",
    f"</annotation></semantics></math><script>{CALL}</script>",
    f"\\text{{<script>{CALL}</script>}}",
    f"\\href{{javascript:{CALL}}}{{click}}",
    f"\\style{{background:url({OUTSIDE})}}{{x}}",
    f'\\class{{" onclick="{CALL}}}{{x}}',
    f"\\unicode{{x3c}}img src=x onerror={CALL}>",
    f"<iframe src='javascript:{CALL}'></iframe>",
    f"<iframe srcdoc='<script>{CALL}</script>'></iframe>",
    f"<object data='javascript:{CALL}'></object>",
    f"<embed src='javascript:{CALL}'>",
    f"<form action='javascript:{CALL}'><button>x</button></form>",
    f"<button formaction='javascript:{CALL}'>x</button>",
    f"<input autofocus onfocus={CALL}>",
    f"<video src=x onerror={CALL}></video>",
    f"<audio src={OUTSIDE}.mp3 autoplay onerror={CALL}></audio>",
    f"<details open ontoggle={CALL}>x</details>",
    f"<marquee onstart={CALL}>x</marquee>",
    f"<body onload={CALL}>",
    f"<base href='{OUTSIDE}/'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CALL}'>",
    f"<link rel=stylesheet href='{OUTSIDE}.css'>",
    f"<style>@import '{OUTSIDE}.css';</style>",
    f"<style>*{{background:url({OUTSIDE})}}</style>",
    f"<div style='background:url({OUTSIDE})'>x</div>",
    f"<img src='{OUTSIDE}.png'>",
    f"<img srcset='{OUTSIDE}.png 2x'>",
    f"<a href='javascript:{CALL}'>x</a>",
    f"<a href=javascript&colon;{CALL}>x</a>",
    f"<a ping='{OUTSIDE}' href=x>x</a>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
    f"<template><script>{CALL}</script></template>",
    f"<textarea></textarea><img src=x onerror={CALL}>",
    f"<title></title><img src=x onerror={CALL}>",
    f"<!--><img src=x onerror={CALL}>-->",
    f"--><script>{CALL}</script><!--",
    f"<![CDATA[><script>{CALL}</script>]]>",
    f"<?xml version='1.0'?><script>{CALL}</script>",
    f"{{{{ ''.__class__ }}}}<script>{CALL}</script>",
    f"{{% raw %}}<script>{CALL}</script>{{% endraw %}}",
    f"javascript:{CALL}",
    f"JaVaScRiPt:{CALL}",
    f"java\nscript:{CALL}",
    f"java\tscript:{CALL}",
    f"\x01javascript:{CALL}",
    f"  javascript:{CALL}",
    f"javascript&colon;{CALL}",
    f"javascript://example.com/%0a{CALL}",
    f"data:text/html,<script>{CALL}</script>",
    f"data:image/svg+xml,<svg onload={CALL}>",
    f"vbscript:{CALL}",
    f"blob:{CALL}",
    f"file:///x.html?{CALL}",
    f"//canary.invalid/{CALL}",
    f"\\\\canary.invalid\\{CALL}",
    f'https://canary.invalid/" onclick="{CALL}" x="',
    f"https://canary.invalid/'><script>{CALL}</script>",
    f'mailto:x" onclick="{CALL}',
    f"\u2028<script>{CALL}</script>\u2029",
    f"\ufeff<script>{CALL}</script>",
    f"\x00<script>{CALL}</script>",
    f"<\x00script>{CALL}</script>",
    f"+ADw-script+AD4-{CALL}+ADw-/script+AD4-",
    f"＜script＞{CALL}＜/script＞",
    f"\ud800<script>{CALL}</script>",
    f"]);{CALL};//",
    f'"]]);{CALL};//',
    f'\\"]]);{CALL};//',
]


def _files(payload: str) -> list[Json]:
    return [
        {"type": "external", "external": {"url": payload}},
        {"type": "file", "file": {"url": payload}},
        {"type": "file", "file": {"url": "https://files.example/has copy"}},
    ]


def icons(payload: str) -> list[Json]:
    return [
        {"type": "emoji", "emoji": payload},
        {"type": "icon", "icon": {"name": payload, "color": payload}},
        {"type": "custom_emoji", "custom_emoji": {"id": payload, "name": payload, "url": payload}},
        *_files(payload),
        {"type": payload, payload: {"name": payload}},
    ]


def _rich(payload: str) -> list[Json]:
    return [
        span(payload),
        span(payload, payload, bold=True, color=payload),
        span("linked", payload),
        equation(payload),
        mention("user", {"object": "user", "id": payload, "name": payload}, payload),
        mention("page", {"id": payload}, payload, payload),
        mention("date", {"start": payload, "end": payload, "time_zone": payload}, payload),
        mention("custom_emoji", {"id": payload, "name": payload, "url": payload}, payload),
        mention("link_preview", {"url": payload}, "", payload),
        mention("link_mention", {"href": payload, "title": payload}, ""),
        mention(payload, {"name": payload}, payload, payload),
        {"type": payload, payload: {"content": payload}, "plain_text": payload, "href": payload},
    ]


def blocks(payload: str) -> list[Json]:
    """Every field of every type of block."""
    rich = [span(payload), span("linked", payload, color=payload), equation(payload)]
    kid = [paragraph(payload)]
    texts = ("heading_1", "bulleted_list_item", "toggle", "quote", "template", "to_do", "callout")
    found = [
        paragraph(_rich(payload)),
        *(block(kind, rich, kid, color=payload, icon=icon) for kind in texts for icon in icons(payload)[:1]),
        *(block("callout", rich, icon=icon) for icon in icons(payload)),
        block("heading_2", rich, kid, is_toggleable=True, color=payload),
        block("numbered_list_item", rich, list_format=payload, list_start_index=payload),
        block("code", payload, language=payload, caption=rich),
        block("code", payload, language="html", caption=[]),
        block("code", payload, language="javascript", caption=[]),
        block("equation", expression=payload),
        *(block(kind, url=payload, caption=rich) for kind in ("bookmark", "embed", "link_preview")),
        *(
            block(kind, caption=rich, name=payload, **holder)
            for kind in ("image", "video", "audio", "pdf", "file")
            for holder in _files(payload)
        ),
        block("child_page", title=payload),
        block("child_database", title=payload),
        block("link_to_page", type="page_id", page_id=payload),
        block("link_to_page", type=payload, **{payload: payload}),
        block("synced_block", synced_from={"type": "block_id", "block_id": payload}),
        block("column_list", children=[block("column", children=kid, width_ratio=payload)]),
        table([payload, payload], [payload]),
        block("table_row", cells=[rich]),
        block("tab", children=[paragraph(rich, kid, icon=icons(payload)[0])]),
        block(
            "meeting_notes",
            children=kid,
            title=rich,
            status=payload,
            calendar_event={"start_time": payload, "end_time": payload, "attendees": [{"id": payload}]},
        ),
        block("unsupported", block_type=payload),
        block(payload, rich, kid, title=payload, deep=[rich]),
        block("table_of_contents", color=payload),
    ]
    return [{**raw, "id": payload} if index % 5 == 0 else raw for index, raw in enumerate(found)]


def properties(payload: str) -> dict[str, Json]:
    """Every field of every type of property, named by the payload too."""
    option = {"name": payload, "color": payload}
    person = {"object": "user", "id": payload, "name": payload}
    day = {"start": payload, "end": payload, "time_zone": payload}
    values: dict[str, Any] = {
        "title": [span(payload)],
        "rich_text": _rich(payload),
        "number": payload,
        "select": option,
        "multi_select": [option],
        "status": option,
        "date": day,
        "people": [person],
        "files": [{"name": payload, **holder} for holder in _files(payload)],
        "url": payload,
        "email": payload,
        "phone_number": payload,
        "formula": {"type": "string", "string": payload},
        "rollup": {"type": "array", "array": [prop("select", option), prop("url", payload)]},
        "relation": [{"id": payload}],
        "created_time": payload,
        "created_by": person,
        "unique_id": {"prefix": payload, "number": payload},
        "verification": {"state": payload, "date": day, "verified_by": person},
        "place": {"name": payload, "address": payload, "lat": payload, "lon": payload},
        payload: payload,
    }
    return {f"{payload} {kind}": prop(kind, value) for kind, value in values.items()}


def site(payload: str, **given: Any) -> MemorySite:
    """A site whose every answer is the payload."""
    target = Target(payload, payload, payload, "page", payload)
    outside = Target(payload, None, payload, "page", "o")
    return MemorySite(
        targets={payload: target},
        assets={"https://files.example/has copy": f"assets/{payload}", payload: f"assets/{payload}.svg"},
        users={payload: payload},
        above=[target, outside],
        beside=[target, outside],
        below=[target, outside],
        anchors=frozenset([payload]),
        **given,
    )


def page(payload: str) -> MemoryDocument:
    raw = {
        "object": "page",
        "icon": icons(payload)[2],
        "cover": _files(payload)[0],
        "properties": properties(payload),
    }
    notes = [
        comment(
            _rich(payload),
            display_name={"type": payload, "resolved_name": payload},
            attachments=[{"category": payload, "file": {"url": payload}}],
        ),
        comment(payload, payload, created_by={"id": payload}, created_time=payload),
    ]
    return MemoryDocument(
        blocks(payload),
        evolve(ref(payload), url=payload, last_edited_time=payload),
        raw,
        discussions={ref().id: notes, payload: notes},
    )


def database(payload: str) -> MemoryDocument:
    found = properties(payload)
    config = {"options": [{"name": payload, "color": payload}], "expression": payload, "format": payload}
    schema = {
        name: {"id": payload, "name": name, "description": payload, "type": value["type"], value["type"]: config}
        for name, value in found.items()
    }
    source = {"id": payload, "title": [span(payload)], "description": _rich(payload), "properties": schema}
    row = Row(evolve(ref(payload), url=payload), {"icon": icons(payload)[0], "properties": found})
    raw = {"object": "database", "icon": icons(payload)[1], "description": _rich(payload), "cover": _files(payload)[2]}
    return MemoryDocument([], ref(payload, "database"), raw, [source, source], {payload: [row]})


def entries(payload: str, notes: list[str]) -> MemoryTree:
    """An index and a search over documents of such names."""
    path = PurePosixPath(payload.replace("\x00", "").replace("/", "∕") + ".html")
    return MemoryTree([Entry(payload, "page", payload, path, depth, False, note) for depth, note in enumerate(notes)])


def everything() -> Iterator[tuple[str, MemoryDocument]]:
    for payload in PAYLOADS:
        yield payload, page(payload)
        yield payload, database(payload)
