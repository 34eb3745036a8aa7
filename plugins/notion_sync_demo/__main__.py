"""``python -m notion_sync_demo``: serve a workspace until somebody stops it."""

from __future__ import annotations

import signal

import click

from notion_sync_demo import Emulator, ServerBudget, generate, sample_workspace


@click.command()
@click.option("--pages", type=click.IntRange(min=1), help="Generate so many pages; without it, the sample workspace.")
@click.option("--seed", default=0, help="The same seed, the same workspace.")
@click.option("--port", default=0, help="0: any free one.")
@click.option("--token", default="demo-token", help="What clients must send.")
@click.option("--requests", type=int, help="Rate limit: so many requests …")
@click.option("--window", default=60.0, help="… in so many seconds.")
@click.option("--latency", default=0.0, help="Milliseconds each answer takes.")
def main(
    pages: int | None, seed: int, port: int, token: str, requests: int | None, window: float, latency: float
) -> None:
    """Serve a workspace over Notion's API on this machine, for trying clients and plugins."""
    workspace = generate(pages, seed) if pages else sample_workspace()
    budget = ServerBudget(requests, window) if requests else None
    # Waited for, not handled: a handler could come while the thread that waits holds a lock.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with Emulator(workspace, token=token, budget=budget, latency_s=latency / 1000, port=port) as server:
        click.echo(f"NOTION_SYNC_NOTION__BASE_URL={server.url} NOTION_TOKEN={token}")
        signal.sigwait(ends)


if __name__ == "__main__":
    main()  # pylint: disable=no-value-for-parameter
