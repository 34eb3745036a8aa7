"""A line's runs as inline Markdown of one dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define

from notion_sync_core.plugin import Destination, Run
from notion_sync_markdown import escape
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.marks import Span, Token, are_plain, settle
from notion_sync_markdown.runs import COLOR, LINK, UNDERLINE, Atom, are_elements, around, chain, joined, spread

if TYPE_CHECKING:
    from notion_sync_markdown.pen import Pen

MARKUP = "*"
"""A neighbour that is markup of ours."""
_AUTOLINK = re.compile(r"(?:https?|ftp)://[A-Za-z0-9./:?=+,;@_-]+")
_INNERMOST_LAST = ("strikethrough", "italic", "bold")
_CROSSES = {"x": "&#120;", "X": "&#88;"}


@define
class Line:
    """Writes runs beside each other."""

    _pen: Pen
    _dialect: Dialect
    is_title: bool = False
    """What is written stands in brackets that the reader counts before it knows what is code."""
    is_unchecked: bool = False
    """What is written stands behind an empty box, whose reader looks for a cross in all of the line."""

    def markdown(self, pieces: list[Run], one_line: bool, in_item: bool) -> str:
        """The runs as Markdown.

        :param one_line: where the dialect has no line breaks of its own.
        :param in_item: they are the text of a list item or a box's title: no element may stand around them.
        """
        atoms = [self._atom(run, one_line) for run in self._visible(pieces)]
        tokens: list[Token] = []
        place, before = 0, ""
        while place < len(atoms):
            first = atoms[place]
            if first.body and not first.styles:
                tokens += (first.lead, first.body, first.trail) if first.lead or first.trail else (first.body,)
                place, before = place + 1, (first.trail or first.body)[-1]
                continue
            end = chain(atoms, place) if first.styles else place + 1
            last = atoms[end - 1]
            after = last.trail[:1] or (_first(atoms[end]) if end < len(atoms) else "")
            made = self._chain(atoms, place, end, first.lead[-1:] or before, after, one_line)
            tokens += [first.lead, *made, last.trail]
            place, before = end, last.trail[-1:] or str(made[-1])[-1:] or before
        text = joined(tokens, self._dialect.digits_undo_math)
        if self._dialect.unwraps and (in_item or not one_line) and are_elements(tokens):
            return f"{text.strip()}&nbsp;" if in_item else f"<p>{text.strip()}</p>"
        return text

    def _visible(self, pieces: list[Run]) -> list[Run]:
        """The runs joined where only what is not shown here tells them apart.

        Text that is escaped piece by piece could become markup, or an address, where two pieces meet.
        """
        if not any(run.to or run.color != "default" or run.kind != "text" for run in pieces):
            return pieces
        result: list[Run] = []
        for run in pieces:
            if run.to and not self._pen.href(run.to):
                run.to = None
            run.color = self._dialect.shown_color(run.color) if run.color != "default" else run.color
            if run.kind != "equation" and not (
                run.kind == "custom_emoji" and self._pen.custom_picture(run.payload or {})
            ):
                run.kind = "text"
            if result and result[-1].joins(run):
                result[-1].text += run.text
            else:
                result.append(run)
        return result

    def _atom(self, run: Run, one_line: bool) -> Atom:
        core = run.text.strip()
        if not core:
            return Atom(run, "", run.text)
        if run.kind == "text" and not (run.look or run.to) and run.color == "default":
            return Atom(run, "", self._pen.prose(run.text))
        styles = self._styles(run)
        lead, _, trail = run.text.partition(core)
        if run.kind == "equation":
            return Atom(run, lead, "", trail, styles)
        if styles.get(LINK) and self._is_autolink(run, core):
            del styles[LINK]
            return Atom(run, lead, f"<{core}>", trail, styles)
        return Atom(run, lead, self._body(run, core, one_line), trail, styles)

    def _styles(self, run: Run) -> dict[str, object]:
        styles: dict[str, object] = {}
        marks = self._dialect.marks
        if run.color != "default":
            styles[run.color if run.color in marks else COLOR] = run.color
        if run.to:
            styles[LINK] = run.to
        if run.look:
            if "underline" in run.look:
                styles[UNDERLINE] = True
            for flag in _INNERMOST_LAST:
                if flag in run.look and flag in marks:
                    styles[flag] = True
        return styles

    def _is_autolink(self, run: Run, core: str) -> bool:
        if run.look or "://" not in core or not self._dialect.has_autolinks:
            return False
        return self._pen.href(run.to) == core and is_autolink(core)

    def _chain(self, atoms: list[Atom], first: int, last: int, before: str, after: str, one_line: bool) -> list[Token]:
        atom = atoms[first]
        if not atom.styles:
            return [self._formula(atom, before, after, one_line)]
        if last == first + 1 and len(atom.styles) == 1 and atom.body and are_plain(before, atom.body, after):
            [style] = atom.styles
            mark = self._dialect.marks.get(style, ("",))[0]
            if mark:
                return [f"{mark}{atom.body}{mark}"]
        tokens = self._tokens(atoms, first, last, frozenset(), one_line)
        settle(tokens, before, after, self._dialect.unread)
        return tokens

    def _settled(self, tokens: list[Token], before: str, after: str) -> str:
        if len(tokens) == 1 and isinstance(tokens[0], str):
            return tokens[0]
        settle(tokens, before, after, self._dialect.unread)
        return joined(tokens, self._dialect.digits_undo_math)

    def _formula(self, atom: Atom, before: str, after: str, one_line: bool) -> str:
        tex = atom.run.text.strip()
        if atom.run.to and "]:" in tex:
            # Before links, readers look for definitions, which no code and no formula hides.
            return self._dialect.code_element(tex, in_link=True)
        made = self._dialect.formula(tex, one_line, before, after)
        return self._dialect.code_element(tex) if self.is_title and not are_paired(tex) else made

    def _tokens(self, atoms: list[Atom], first: int, last: int, done: frozenset[str], one_line: bool) -> list[Token]:
        """Atoms that touch, a look that several have around all of them."""
        tokens: list[Token] = []
        while first < last:
            style, end = spread(atoms, first, last, done)
            if not style:
                atom = atoms[first]
                before = tokens[-1][-1] if tokens and isinstance(tokens[-1], str) else MARKUP
                tokens.append(atom.body or self._formula(atom, before, MARKUP, one_line))
                first += 1
                continue
            inner = self._tokens(atoms, first, end, done | {style}, one_line)
            tokens += self._styled(style, atoms[first].styles[style], inner, one_line)
            first = end
        return tokens

    def _styled(self, style: str, value: object, inner: list[Token], one_line: bool) -> list[Token]:
        if style in self._dialect.marks:
            return around(Span(*self._dialect.marks[style]), inner)
        if style == LINK and isinstance(value, Destination):
            return [self._pen.linked(self._settled(inner, "[", "]"), value, one_line)]
        if style == COLOR:
            start, end = self._dialect.color_tags(str(value))
            return [start, *inner, end]
        return [f"<{self._dialect.underline}>", *inner, f"</{self._dialect.underline}>"]

    def _body(self, run: Run, core: str, one_line: bool) -> str:
        """The text itself."""
        if run.kind == "custom_emoji":
            return self._pen.emoji(run.payload or {}, core)
        if "code" not in run.look:
            if run.to:
                return _CROSSES[core] if self.is_unchecked and core in _CROSSES else self._dialect.escaper.label(core)
            return self._pen.prose(core)
        is_odd = (self.is_unchecked and "[x]" in core.lower()) or (self.is_title and not are_paired(core))
        if run.to and "]" in core:
            return self._dialect.code_element(core, in_link=True)
        if is_odd or (one_line and "|" in core):
            return self._dialect.code_element(core)
        lines = core.split("\n")
        return "\n".join(self._dialect.code(line, one_line) if line.strip() else "" for line in lines)


def are_paired(text: str) -> bool:
    """Whether each bracket in a text has its other one."""
    depth = 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if depth < 0:
            return False
    return not depth


def is_autolink(address: str) -> bool:
    """Whether an address may stand between angle brackets; there nothing keeps a short code from being an emoji."""
    return _AUTOLINK.fullmatch(address) is not None and not escape.has_code(address)


def _first(atom: Atom) -> str:
    """The character that a reader looks at beside what stands before an atom."""
    return MARKUP if atom.styles and not atom.lead else (atom.lead or atom.body or MARKUP)[0]
