"""The application: which request is answered how. It only looks, but for webhooks and, if that is allowed, run now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from attrs import asdict, define, field, frozen

from notion_sync_core.plugin import HealthCheck, NotionSyncError, is_well
from notion_sync_serve import say
from notion_sync_serve.exposition import joined
from notion_sync_serve.guard import Guard, same
from notion_sync_serve.overview import overview
from notion_sync_serve.page import STATIC, Page, static
from notion_sync_serve.service import Service
from notion_sync_serve.webhooks import MOST_BYTES, Webhooks

_FORM_BYTES = 4096
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    # Not "no-referrer": then a browser does not say either which page a form was sent from.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
]
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

Environ = dict[str, Any]


@frozen
class Answer:
    """What goes back."""

    status: str
    body: bytes
    media_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


def said(status: str, text: str, *headers: tuple[str, str]) -> Answer:
    """An answer in a line."""
    return Answer(status, f"{text}\n".encode(), headers=headers)


def as_json(value: Any, status: str = "200 OK") -> Answer:
    """An answer for programs."""
    return Answer(status, json.dumps(value, indent=1).encode() + b"\n", "application/json")


@define(eq=False, slots=False)
class Web:
    """A WSGI application about one process.

    :param webhooks: judges what Notion sends; ``None``: webhooks are off.
    """

    service: Service
    webhooks: Webhooks | None = None
    guard: Guard = field(init=False)
    page: Page = field(factory=Page, init=False)

    def __attrs_post_init__(self) -> None:
        self.guard = Guard(self.service.deployment.token)

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """See PEP 3333."""
        try:
            answer = self.answer(environ)
        except Exception:
            say.fault("serve_request_failed", "a request could not be answered")
            answer = said("500 Internal Server Error", "This could not be answered; the log says why.")
        headers = [("Content-Type", answer.media_type), ("Content-Length", str(len(answer.body)))]
        start(answer.status, [*headers, *_HEADERS, *answer.headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def answer(self, environ: Environ) -> Answer:
        """The answer to a request."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if path == "/webhooks/notion":
            return self._webhook(environ) if method == "POST" else _only("POST")
        if path in self._health:
            return self._checks(path, environ) if method in ("GET", "HEAD") else _only("GET, HEAD")
        if refusal := self.guard.refusal(environ):
            challenge = ("WWW-Authenticate", 'Basic realm="notion-sync", charset="UTF-8"')
            return said(*refusal, *([challenge] if refusal[0].startswith("401") else []))
        if path.startswith("/run/"):
            name = path.removeprefix("/run/").encode("latin-1").decode("utf-8", "replace")  # as PEP 3333 gives paths
            return self._run(environ, name) if method == "POST" else _only("POST")
        if method not in ("GET", "HEAD"):
            return _only("GET, HEAD")
        return self._look(path)

    # -- health

    @cached_property
    def _health(self) -> dict[str, Callable[[], list[HealthCheck]]]:
        health = self.service.health
        return {
            "/livez": health.livez,
            "/startupz": health.startupz,
            "/readyz": self.service.ready_checks,
            "/healthz": self.service.all_checks,
        }

    def _checks(self, path: str, environ: Environ) -> Answer:
        checks = self._health[path]()
        status = "200 OK" if is_well(checks) else "503 Service Unavailable"
        if "verbose" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            # Messages may hold titles and places; names and verdicts are for everybody.
            whole = self.guard.refusal(environ) is None
            told = [asdict(check) | ({} if whole else {"message": "", "fix": ""}) for check in checks]
            return as_json(told, status)
        return said(status, "ok" if is_well(checks) else "not ok")

    # -- looking

    def _look(self, path: str) -> Answer:
        if path == "/":
            service = self.service
            allowed = service.deployment.options.actions
            html = self.page.render(overview(service), self.guard.form_token if allowed else None)
            return Answer("200 OK", html.encode(), "text/html; charset=utf-8")
        if path == "/status.json":
            return as_json(overview(self.service))
        if path == "/metrics":
            return self._metrics()
        if path in STATIC:
            return Answer("200 OK", static(path), STATIC[path])
        return said("404 Not Found", "There is nothing here.")

    def _metrics(self) -> Answer:
        texts, media_type = [], _EXPOSITION
        for worker in list(self.service.workers.values()):
            for listener in worker.entry.job.listeners():
                try:
                    exposition = listener.exposition()
                except NotionSyncError as error:
                    return said("500 Internal Server Error", error.message)
                if exposition is not None:
                    texts.append(exposition.body.decode("utf-8", "replace"))
                    media_type = exposition.content_type
        if not texts:
            return said("404 Not Found", 'No listener of these jobs measures: set monitoring.listeners = ["metrics"].')
        return Answer("200 OK", joined(texts).encode(), media_type)

    # -- doing

    def _webhook(self, environ: Environ) -> Answer:
        if self.webhooks is None:
            return said("404 Not Found", "Webhooks are off: deployment.webhooks.")
        if not environ.get("CONTENT_TYPE", "").lower().startswith("application/json"):
            return said("415 Unsupported Media Type", "Send JSON.")
        body = _body(environ, MOST_BYTES)
        if body is None:
            return said("413 Content Too Large", "No message of Notion is so long.")
        if self.service.health.draining:  # what is answered with 200 is not sent again
            return said("503 Service Unavailable", "It is stopping: send it again.")
        verdict = self.webhooks.judge(body, environ.get("HTTP_X_NOTION_SIGNATURE", ""))
        if verdict.object_id:
            self.service.hint(verdict.object_id, verdict.kind, verdict.workspace)
        return said(_STATUS[verdict.status], verdict.said)

    def _run(self, environ: Environ, name: str) -> Answer:
        options = self.service.deployment.options
        if not options.actions or options.token is None:
            return said("404 Not Found", "Nothing can be started from here: plugins.serve.actions.")
        body = _body(environ, _FORM_BYTES)
        if body is None:
            return said("413 Content Too Large", "That is too long.")
        form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if not self.guard.is_ours(environ, name, form.get("form", "")):
            return said("403 Forbidden", "This did not come from the status page; load the page anew and try again.")
        if not same(form.get("token", ""), options.token.reveal()):
            return said("403 Forbidden", "The token is not right.")
        if not self.service.ask(name):
            return said("404 Not Found", "There is no such job.")
        say.info("serve_run_asked", "a run was asked for on the status page", name)
        return said("303 See Other", "It runs.", ("Location", "/"))


_STATUS = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized"}


def _only(methods: str) -> Answer:
    return said("405 Method Not Allowed", f"Only {methods}.", ("Allow", methods))


def _body(environ: Environ, most: int) -> bytes | None:
    """What was sent; ``None``: too much."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None
    if not 0 <= length <= most:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    return body
