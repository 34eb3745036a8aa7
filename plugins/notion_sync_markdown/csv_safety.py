"""Text that a spreadsheet would run, and none besides: phone numbers, lists and names keep their letters.

https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"\A[\t\r\n]*(?:[=＝]|([+\-@＋－＠]))")
# A formula that begins with a sign runs something only by a function, by another program's data (name|topic!item), or
# by what lies in another file or sheet.
_RUNS = re.compile(r"[^\W\d]\(|[^\W\d]\d{1,4}\(|[\w'\"]\|[\s'\"]*\w|!(?=[\w$'#{])")


def is_executable(text: str) -> bool:
    """Whether a spreadsheet that opens a CSV file would run this as a formula."""
    found = _FORMULA.match(text)
    if not found:
        return False
    return not found[1] or _RUNS.search(text, found.end()) is not None


def defused(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe keeps it from being a formula."""
    return f"'{text}" if is_executable(text) else text
