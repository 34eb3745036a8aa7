"""Files with a script in them, under names that people give files: what a browser would run, and how it is hidden."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

RUN = 'location.hash="PWNED"'
"""What each of them does if it runs."""
HTML = f"<!doctype html><html><body>hello<script>{RUN}</script></body></html>".encode()
FRAGMENT = f"   <h1>hello</h1><script>{RUN}</script>".encode()
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{RUN}</script></svg>'.encode()
_SCRIPT = f'<script xmlns="http://www.w3.org/1999/xhtml">{RUN}</script>'
RSS = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{_SCRIPT}</channel></rss>'.encode()
XML = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{_SCRIPT}</feed>'.encode()
_MAIL = b"Content-Type: text/html\r\n\r\n" + HTML
_PAGE = (
    b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/html\r\nContent-Location: http://a.invalid/\r\n\r\n" + HTML + b"\r\n--b--\r\n"
)
_AS_PAGES = """
page.html page.HTML page.htm page.html. page.shtml page.ehtml README notes.foo x.dat x.bin x.part x.log x.txt x.md x.csv
x.json x.pdf x.docx x.zip x.mp3 x.png x.hta x.asp x.php x.phtml x.jsp x.cgi x.xps x.tar x.webarchive x.verylongextension
x.xhtml x.xht x.htc x.js
""".split()  # noqa: SIM905
_AS_XML = """
feed.atom x.rdf x.xsd x.xbl x.xul x.mathml x.mml x.wsdl x.dtd x.plist x.opml x.gpx x.kml x.xspf x.xaml x.wml x.vml
x.xhtml+xml x.xml x.xsl x.xslt x.xlf x.dae x.gml x.smil x.jnlp x.abw x.fodt x.unheard
""".split()  # noqa: SIM905

RUNNING: Mapping[str, bytes] = {
    **dict.fromkeys(_AS_PAGES, HTML),
    **dict.fromkeys(_AS_XML, XML),
    "page.htm ": HTML,
    "feed.rss": RSS,
    "drawing.svg": SVG,
    "a drawing": SVG,
    "a drawing.png": SVG,
    "fragment": FRAGMENT,
    "fragment.bin": FRAGMENT,
    "fragment.zip": FRAGMENT,
    "a comment first.txt": b"<!-- a comment -->" + HTML,
    "a tag that few know": b"<details open ontoggle='" + RUN.replace('"', "&quot;").encode() + b"'>x</details>",
    "wide.xml": XML.decode().replace("?>", ' encoding="utf-16"?>').encode("utf-16"),
    "wide without a mark.xml": XML.decode().replace("?>", ' encoding="utf-16le"?>').encode("utf-16-le"),
    "wide page": HTML.decode().encode("utf-16"),
    "marked page": b"\xef\xbb\xbf" + HTML,
    "far below": b" " * 5000 + HTML,
    "far below.xml": b"\n" * 5000 + XML.partition(b"?>")[2],
    "packed.svgz": gzip.compress(SVG, mtime=0),
    "saved page.mht": _PAGE,
    "saved page.mhtml": _PAGE,
}
"""By name; each of them must get an extension that nothing runs."""

ALSO_OPENED: Mapping[str, bytes] = {"letter.eml": _MAIL, "page.html.gz": gzip.compress(HTML, mtime=0)}
"""What no browser runs, though it holds the same."""
