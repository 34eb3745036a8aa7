"""Pieces of text that, repeated, have made one parser or another take time that grows with the square of the length."""

from __future__ import annotations

from collections.abc import Mapping

_SINGLE: Mapping[str, str] = {
    "letter": "a", "digit": "1", "blank": " ", "tab": "\t", "line break": "\n", "carriage return": "\r",
    "asterisk": "*", "underscore": "_", "backtick": "`", "tilde": "~", "dollar": "$", "backslash": "\\", "pipe": "|",
    "bracket": "[", "closing bracket": "]", "parenthesis": "(", "closing parenthesis": ")", "brace": "{",
    "closing brace": "}", "less": "<", "greater": ">", "ampersand": "&", "semicolon": ";", "colon": ":", "hash": "#",
    "exclamation": "!", "question": "?", "slash": "/", "percent": "%", "caret": "^", "equals": "=", "plus": "+",
    "minus": "-", "dot": ".", "comma": ",", "quotation mark": '"', "apostrophe": "'", "at": "@",
}  # fmt: skip
_PAIRS: Mapping[str, str] = {
    "mark and letter": "*a", "letter and mark": "a_", "mark and blank": "* ", "code span": "`a`", "open code": "`a ",
    "backtick and break": "`\n", "backslash and backtick": "\\`", "backslash and asterisk": "\\*", "strong": "**a**",
    "both marks": "*_", "marks across": "*a_b*c_ ", "strike": "~~a", "highlight": "==a", "comment of obsidian": "%%a",
    "inserted": "++a", "superscript": "^a^", "blank and letter": "a ", "letter and break": "a\n",
    "blank lines": "a\n\n", "blank and break": " \n", "many blanks": "          a", "brackets": "[]",
    "parentheses": "()", "braces": "{}", "empty angle": "<>", "braces of a template": "{{",
    "percent of a template": "{%", "dollars": "$$", "colons": "::", "colons and letter": ":a",
    "dots and letter": "a.", "slashes": "//", "quotes": '"\'',
}  # fmt: skip
_LINES: Mapping[str, str] = {
    "bullet": "- a\n", "number": "1. a\n", "number alone": "1.\n", "quote": "> a\n", "nested quote": ">>",
    "nested bullet": "- ", "heading": "# a\n", "underlined heading": "a\n===\n", "rule": "---\n", "fence": "```\n",
    "tilde fence": "~~~\n", "fence with a name": "```mdx-code-block\n", "admonition": ":::note\n",
    "mkdocs box": "!!! note\n", "mkdocs fold": "??? a\n", "snippet": "--8<-- a\n", "table row": "| a | b |\n",
    "table rule": "| - | - |\n", "definition": "[a]: b\n", "footnote": "[^a]: b\n", "task": "- [ ] a\n",
    "import": "import a\n", "export": "export a\n", "feature": "  Given a\n", "keyword": "def a(:\n",
    "long blank line": "            \n", "indent": "\n ",
}  # fmt: skip
_WORDS: Mapping[str, str] = {
    "address": "https://a.b/c ", "addresses without blank": "https://a.b/c", "scheme": "://",
    "scheme with letters": "http://", "http": "http:", "www": "www.", "www and host": "www.a.b ", "mail": "a@b.c ",
    "mail without blank": "a@b.c", "mail marks": "a@", "mailto": "mailto:a@b.c ", "xmpp": "xmpp:a@b.c ",
    "host": "a.b.c.", "escaped address": "www.*", "address and mark": "http://*", "query": "?a=b&c=d",
    "link": "[a](b)", "link open": "[a](", "link of brackets": "[a][", "image": "![a](b)", "image open": "![",
    "wikilink": "[[a]]", "wikilink open": "[[a|", "footnote call": "[^a]", "autolink": "<https://a.b>",
    "autolink open": "<http:", "tag": "<b>", "open tag": "<b ", "attribute": '<a b="', "closing tag": "</b>",
    "html comment": "<!--", "processing": "<?a", "cdata": "<![CDATA[", "entity": "&amp;", "entity open": "&a",
    "numeric entity": "&#1", "hex entity": "&#x1;", "emoji name": ":smile:", "jsx expression": "{a}",
    "jsx comment": "{/*", "heading id": "{#a}", "attributes": "{: a=b }", "block id": " ^a", "tag word": "#a ",
    "tex": "\\frac{a}{b}", "tex group": "{\\bf ", "tex begin": "\\begin{a}", "tex comment": "%a\n",
    "tex script": "a^{", "tex left": "\\left(", "tex alignment": "&a\\\\", "tex row": "a & b \\\\\n",
    "json": '{"a":[', "xml": "<a b='c'/>", "sql": "select (", "comment of c": "/*", "string": '"a\\',
    "regex": "(a+)+", "token": "secret_abc ", "signature": "X-Amz-Signature=a&", "percent escape": "%41",
    "dashes": "<!-- -->",
}  # fmt: skip
_UNICODE: Mapping[str, str] = {
    "combining acute": "\u0301", "letter and combining": "a\u0301", "many combining": "a\u0301\u0302\u0303",
    "zero width joiner": "\u200d", "byte order mark": "\ufeff", "no-break space": "\u00a0", "wide space": "\u3000",
    "ogham space": "\u1680", "mongolian separator": "\u180e", "line separator": "\u2028",
    "paragraph separator": "\u2029", "next line": "\x85", "file separator": "\x1c", "bell": "\x07", "nul": "\x00",
    "override": "\u202e", "emoji": "😀", "emoji family": "👩\u200d👧", "flag": "🇦", "hangul jamo": "\u1100\u1161",
    "hangul": "각", "ideograph": "中", "full stop of chinese": "。", "sharp s": "ß", "ligature": "\ufdfa",
    "dotted i": "İ", "arabic": "ا", "variation selector": "\ufe0f", "private use": "\ue000", "astral": "\U00020000",
    "half a pair": "\ud800", "keycap": "1\ufe0f\u20e3", "tag character": "\U000e0061",
}  # fmt: skip
_MIXED: Mapping[str, str] = {
    "every mark": "*_`~$|[<&\\", "every mark and letter": "*a_b`c~d$e|f[g<h", "address and code": "http://a`b`",
    "code and tag": "`<b>`", "dollar and backtick": "$`a", "quote and fence": "> ```\n", "pipe and backtick": "|`",
    "bracket and backslash": "[\\", "link in link": "[[a](b)", "bang and bracket": "!\\[",
    "brackets over lines": "[a\n", "star over lines": "*a\n", "blank and mark": " *", "mark, blank and mark": "* *",
    "underscores and letters": "_a_b_", "sentence": "The quick brown fox jumps over the lazy dog. ",
    "sentence with marks": "The *quick* brown [fox](a) jumps over 1. the <lazy> dog & $2. ",
}  # fmt: skip

UNITS: Mapping[str, str] = {**_SINGLE, **_PAIRS, **_LINES, **_WORDS, **_UNICODE, **_MIXED}
"""Named pieces to repeat: single marks, pairs, whole lines, words of several grammars, odd characters, mixtures."""


def repeated(name: str, length: int) -> str:
    """So many characters of one unit."""
    unit = UNITS[name]
    return (unit * (length // len(unit) + 1))[:length]
