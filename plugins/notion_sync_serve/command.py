"""``notion-sync serve``: the doorway."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notion_sync_core.cli.options import common

if TYPE_CHECKING:
    from notion_sync_serve.service import Service
    from notion_sync_serve.web import Web

_GRACE_S = 9.5
"""After a signal the process ends by then, whatever it is waiting for."""


class _Serve(click.Command):
    """What ``config`` and ``doctor`` ask a command for; imported when it is asked."""

    @property
    def options(self) -> type:
        """The class of ``[plugins.serve]``."""
        from notion_sync_serve.options import ServeOptions

        return ServeOptions

    def examine(self, config_file: Path | None, settings: tuple[str, ...]) -> str:
        """Read the configuration as the command does.

        :returns: what it would run.
        :raises NotionSyncError: it could not.
        """
        from notion_sync_serve.deployment import load

        return f"would run {', '.join(load(config_file, settings).entries)}"


@click.command(cls=_Serve, epilog="Example:  notion-sync serve --config notion-sync.toml")
@common
def serve(
    as_json: bool,
    verbose: int,
    quiet: bool,
    config_file: Path | None,
    settings: tuple[str, ...],
    log_format: str | None,
) -> None:
    """Run jobs by schedule and webhook; serve health, metrics and a status page.

    The jobs are those of deployment.jobs, or the one of the configuration file; each runs as deployment.schedule says.
    SIGTERM and SIGINT stop it, resumable, with exit status 0; SIGHUP loads the configuration anew. --json says where it
    listens.
    """
    from notion_sync_core.cli.allocator import keep_few_arenas
    from notion_sync_core.cli.options import set_up_logging
    from notion_sync_core.cli.voice import voice
    from notion_sync_core.plugin import SystemClock
    from notion_sync_serve.deployment import load
    from notion_sync_serve.notify import Notifier
    from notion_sync_serve.server import Server
    from notion_sync_serve.service import Service

    keep_few_arenas()
    deployment = load(config_file, settings, log_format)
    voice().know(deployment.main.redactor())
    set_up_logging(max(verbose, 1), quiet, deployment.main)
    service = Service(deployment, lambda: load(config_file, settings, log_format), SystemClock(), Notifier(os.environ))
    server = Server(_web(service), deployment.address)
    with _obeying(service):
        server.start()
        if as_json:
            voice().json({"url": server.url, "jobs": sorted(service.workers)}, indent=None)
        elif not quiet:
            voice().say(f"Serving {', '.join(sorted(service.workers))} at {server.url}")
        sys.stdout.flush()
        service.run()
        server.close()
    _leave(service)


def _web(service: Service) -> Web:
    from notion_sync_core.plugin import one_line
    from notion_sync_serve.web import Web
    from notion_sync_serve.webhooks import TOKEN, Webhooks

    def show(token: str) -> None:
        """Past the log, which takes tokens out."""
        click.echo(
            f"Notion sent a verification token: {one_line(token)}\n"
            "  If you have just made this webhook subscription: paste the token in Notion (connection settings, "
            f"Webhooks, Verify),\n  then set it here and restart: {TOKEN}=…\n"
            "  It is not kept and not shown again. If you have made none, ignore it.",
            err=True,
        )

    webhooks = None
    if service.deployment.main.config.deployment.webhooks:
        environ = service.deployment.main.environ
        token = environ.get(TOKEN, "").strip()
        service.deployment.main.redactor().know(token)
        webhooks = Webhooks(token, show, service.clock.now)
    return Web(service, webhooks)


@contextmanager
def _obeying(service: Service) -> Iterator[None]:
    """The first SIGTERM or SIGINT ends all, resumable; the second leaves at once; SIGHUP loads anew."""

    def stop(signum: int, _: object) -> None:
        service.stop(signum)
        timer = threading.Timer(_GRACE_S, os._exit, (0,))
        timer.daemon = True
        timer.start()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: lambda *_: service.reload()}
    before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


def _leave(service: Service) -> None:
    """End with 0; a thread that waits for a silent server is not waited for."""
    if service.is_busy:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
