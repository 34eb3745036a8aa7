"""A fleet to look at: ``make fleet-demo``.

Beside a PostgreSQL of its own (tests/postgres.sh) it starts a bucket, eight small workspaces of four tenants and two
workers; it kills one of them amidst its turns, and shows how the fleet stands until everything is mirrored.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from notion_sync_demo import Emulator, sample_workspace
from plugins.s3_server import bare_client, moto

FOLDER = Path("notion-sync-fleet-demo").absolute()
JOBS = {f"job-{number}": f"tenant-{number % 4}" for number in range(8)}
COMMAND = (sys.executable, "-m", "notion_sync_core", "fleet")
FILE = ("--config", str(FOLDER / "fleet.toml"))
_MOST_S = 170


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def fleet(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments, *FILE], text=True, stdout=subprocess.PIPE, check=True)
    return done.stdout


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*COMMAND, "worker", *FILE])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def write_files(stack: ExitStack) -> None:
    """The fleet's file, and one for each job with a workspace of its own."""
    (FOLDER / "jobs").mkdir(parents=True)
    (FOLDER / "fleet.toml").write_text(
        '[plugins.fleet]\ndesk = "env:NOTION_SYNC_DESK"\nvault = "s3://demo/vault"\nslots = 2\nlease_s = 5\n'
    )
    for job, tenant in JOBS.items():
        emulator = stack.enter_context(Emulator(sample_workspace(), latency_s=0.1))
        (FOLDER / "jobs" / f"{job}.toml").write_text(
            f'[notion]\nbase_url = "{emulator.url}"\n'
            f'[export]\nsinks = [{{use = "fs", path = "{FOLDER / "mirrors" / job}"}}]\n'
            f'[plugins.fleet]\ntenant = "{tenant}"\ntoken = "env:TOKEN_OF_{job[-1]}"\n'
        )
        os.environ[f"TOKEN_OF_{job[-1]}"] = emulator.token


def main() -> None:
    os.environ["NOTION_SYNC_DESK"] = os.environ["NOTION_SYNC_TEST_DESK"]
    os.environ.update(AWS_ACCESS_KEY_ID="demo", AWS_SECRET_ACCESS_KEY="demo-demo", AWS_DEFAULT_REGION="us-east-1")
    shutil.rmtree(FOLDER, ignore_errors=True)
    began = time.monotonic()
    with ExitStack() as stack:
        os.environ["AWS_ENDPOINT_URL_S3"] = stack.enter_context(moto())
        bare_client(os.environ["AWS_ENDPOINT_URL_S3"]).create_bucket(Bucket="demo")
        write_files(stack)
        say("notion-sync fleet init; notion-sync fleet apply jobs/")
        print(fleet("init"), fleet("apply", str(FOLDER / "jobs")), sep="")
        say("two workers begin")
        first = stack.enter_context(worker())
        stack.enter_context(worker())
        is_killed = False
        while time.monotonic() - began < _MOST_S:
            found = json.loads(fleet("status", "--json"))
            mine = [job for job in found["jobs"] if job["worker"].endswith(f":{first.pid}")]
            if mine and not is_killed:
                say(f"kill -9 of the first worker, amidst {', '.join(job['job'] for job in mine)}")
                first.kill()
                is_killed = True
                print(fleet("status"))
            if all(job["exit"] == 0 for job in found["jobs"]):
                break
            time.sleep(1)
        else:
            sys.exit(f"it took longer than {_MOST_S} s")
        say("notion-sync fleet status")
        print(fleet("status"))
        files = sum(path.is_file() for path in (FOLDER / "mirrors").rglob("*"))
        say(f"{len(JOBS)} workspaces, {files} files in {FOLDER}/mirrors, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
