"""Makes the pictures of the documentation (``make pictures``): a run's real terminal, the real site, the architecture.

The terminal is a pseudo-terminal in which commands run against the emulator; pyte keeps its screen and rich draws it.
The site is what a run wrote, seen by headless Chromium; without Chromium those pictures stay as they are.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from notion_sync_demo import Emulator, sample_workspace

HERE = Path(__file__).parent / "pictures"
COLUMNS, ROWS = 108, 30
COMMANDS = ("notion-sync export --to backup", "notion-sync sync --to backup", "notion-sync check --to backup")
MOST_BYTES = 150_000
"""Of a picture: they are part of the repository."""


# -- the terminal


@contextmanager
def _workspace() -> Iterator[dict[str, str]]:
    """The sample workspace, served, and what the environment says of it."""
    with Emulator(sample_workspace()) as server, TemporaryDirectory() as home:
        yield {
            "HOME": home,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "NOTION_TOKEN": server.token,
            "NOTION_SYNC_NOTION__BASE_URL": server.url,
        }


def _typed(command: str, folder: Path, environ: dict[str, str]) -> Iterator[Text]:
    """Run a command in a terminal: what it leaves there, below the bar that stood there half-way."""
    screen = pyte.Screen(COLUMNS, ROWS)
    feed = pyte.ByteStream(screen)
    bars = []
    for said in _said(command, folder, environ):
        feed.feed(said)
        bars += [line for line in _lines(screen) if line.plain.startswith("read:")]
    left = [line for line in _lines(screen) if line.plain]
    return iter([*bars[len(bars) // 2 :][:1], *left])


def _said(command: str, folder: Path, environ: dict[str, str]) -> Iterator[bytes]:
    """What a command sends to its terminal, as it comes."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command.split(), cwd=folder, env=environ, stdin=follower, stdout=follower, stderr=follower, close_fds=True
    )
    os.close(follower)
    try:
        while said := os.read(leader, 65536):
            yield said
    except OSError:  # its other end is closed
        pass
    os.close(leader)
    assert process.wait() == 0, command


def _lines(screen: pyte.Screen) -> Iterator[Text]:
    """What stands on a screen, with its colours."""
    for row in range(screen.lines):
        line = Text()
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            named = f"#{cell.fg}" if re.fullmatch(r"[0-9a-f]{6}", cell.fg) else cell.fg
            line.append(cell.data, Style(color=None if cell.fg == "default" else named, bold=cell.bold))
        line.rstrip()
        yield line


def terminal() -> str:
    """An SVG of a terminal in which somebody exports, syncs and checks the sample workspace."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    with _workspace() as environ, TemporaryDirectory() as folder:
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "green"), (command, "bold")))
            for line in _typed(command, Path(folder), environ):
                found = line.plain.find(folder)
                shown = line if found < 0 else Text.assemble(line[:found], "~", line[found + len(folder) :])
                console.print(shown, soft_wrap=True)
            console.print()
    drawn = console.export_svg(title="notion-sync", theme=MONOKAI, unique_id="terminal")
    # Nothing is loaded from elsewhere: the reader's own fonts serve.
    return re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.S).replace("Fira Code, monospace", "monospace")


# -- the site


def site(chromium: str) -> None:
    """Pictures of the offline site of the sample workspace, in light and in dark."""
    with _workspace() as environ, TemporaryDirectory() as folder:
        words = ["notion-sync", "export", "--renderer", "html", "--to", folder, "--quiet"]
        subprocess.run(words, env=environ, cwd=folder, check=True)
        page = next(Path(folder).glob("**/Tasks.html"))
        for name, dark in (("site-light.png", False), ("site-dark.png", True)):
            _shot(chromium, page, HERE / name, dark=dark)


def _shot(chromium: str, page: Path, target: Path, *, dark: bool) -> None:
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1100,640"]
    look = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    with TemporaryDirectory() as profile:
        words = [chromium, *flags, look, f"--user-data-dir={profile}", f"--screenshot={target}", page.as_uri()]
        subprocess.run(words, check=True, capture_output=True, timeout=120)


# -- the architecture

_BOXES = (
    ("source", "Notion, a plugin"),
    ("plan", "what changed"),
    ("mirror", "what was read"),
    ("artifacts", "files to be"),
    ("sinks", "folder, bucket"),
)
_ARROWS = ("discover", "read", "render", "write")
_STYLE = """
.b{fill:#fff;stroke:#4a6fa5;stroke-width:2} .e{fill:#fff;stroke:#5b8c5a;stroke-width:2}
.g{fill:none;stroke:#b06a2c;stroke-width:2;stroke-dasharray:7 5}
path{fill:none;stroke-width:2} .flow{stroke:#4a6fa5;marker-end:url(#flow)} .told{stroke:#5b8c5a;marker-end:url(#told)}
text{fill:#1d2733;text-anchor:middle} .s{font-size:13px;fill:#4d5966} .w{fill:#9a5620} .k{fill:#3f7a3e}
.n{font-weight:600} .ground{fill:#f6f8fa}
"""
_HEAD = (
    '<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0 8 4 0 8z" style="fill:{colour};stroke:none"/></marker>'
)
_BOX, _STEP, _TOP = 120, 200, 70


def architecture() -> str:
    """An SVG of how data flows; it has a ground of its own, for pages that are light or dark."""
    middle = [40 + number * _STEP + _BOX // 2 for number in range(len(_BOXES))]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 320" font-family="sans-serif" font-size="16">',
        "<title>How data flows through Notion Sync</title>",
        f"<style>{_STYLE}</style>",
        f"<defs>{_HEAD.format(name='flow', colour='#4a6fa5')}{_HEAD.format(name='told', colour='#5b8c5a')}</defs>",
        '<rect class="ground" width="1000" height="320" rx="10"/>',
    ]
    for x in (middle[0], middle[2], middle[4]):
        parts.append(f'<path class="told" d="M{x + (24 if x == middle[4] else 0)} {_TOP + 64}V240"/>')
    for x, (name, said) in zip(middle, _BOXES, strict=True):
        parts.append(f'<rect class="b" x="{x - _BOX // 2}" y="{_TOP}" width="{_BOX}" height="62" rx="8"/>')
        parts.append(f'<text class="n" x="{x}" y="{_TOP + 27}">{name}</text>')
        parts.append(f'<text class="s" x="{x}" y="{_TOP + 47}">{said}</text>')
    for x, name in zip(middle, _ARROWS, strict=False):
        parts.append(f'<path class="flow" d="M{x + 64} {_TOP + 31}h70"/>')
        parts.append(f'<text class="s" x="{x + 100}" y="{_TOP + 22}">{name}</text>')
    for x in (middle[0], middle[4]):
        parts.append(f'<rect class="g" x="{x - 70}" y="{_TOP - 14}" width="140" height="90" rx="12"/>')
        parts.append(f'<text class="s w" x="{x}" y="{_TOP - 26}">gate: budget, retry, breaker</text>')
    parts += [
        f'<path class="flow" d="M{middle[4]} {_TOP + 62}v60H{middle[1]}v-55"/>',
        f'<rect class="ground" x="430" y="{_TOP + 96}" width="340" height="20"/>',
        f'<text class="s" x="600" y="{_TOP + 111}">what the last run finished: state, manifests</text>',
        '<rect class="e" x="40" y="242" width="920" height="54" rx="8"/>',
        '<text class="n k" x="500" y="266">events</text>',
        '<text class="s" x="500" y="285">listeners look, and never touch: progress, logs, metrics, your own</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Make all of them."""
    HERE.mkdir(exist_ok=True)
    (HERE / "architecture.svg").write_text(architecture(), "utf-8")
    (HERE / "terminal.svg").write_text(terminal(), "utf-8")
    if chromium := shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"):
        site(chromium)
    else:
        print("Without Chromium (Debian: chromium) the pictures of the site stay as they are.", file=sys.stderr)
    large = [path.name for path in HERE.iterdir() if path.stat().st_size > MOST_BYTES]
    assert not large, f"larger than {MOST_BYTES} bytes: {large}"


if __name__ == "__main__":
    main()
