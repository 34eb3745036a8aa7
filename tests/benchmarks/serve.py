"""A trial of ``notion-sync serve``: three jobs for some minutes, under edits, webhooks and faults.

Says whether health follows what happens, metrics agree with the reports to the unit, memory and descriptors stay where
they are, a new configuration loses no run, the end comes in time, and nothing was lost.

    python tests/benchmarks/serve.py [MINUTES]
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import Bench, tree
from notion_sync_demo import Emulator, Fault, generate
from notion_sync_demo.build import block, rich

NAMES = ("alpha", "beta", "gamma")
PAGES = 120
SECRET = "secret_of_the_trial"
FOLLOWS_S, ENDS_S = 15.0, 10.0
FAULTS = ("500", "503", "429", "reset", "short")


class Trial:
    """The process, its jobs and what was seen of it."""

    def __init__(self, folder: Path, servers: dict[str, Emulator]) -> None:
        self.folder, self.servers = folder, servers
        self.figures: dict[str, Any] = {}
        self.bad: list[str] = []
        self.edits = self.sent = 0
        self._stop = threading.Event()
        for name in NAMES:
            self.write(name, "every 5s")
        (folder / "main.toml").write_text(
            '[deployment]\njobs = ["jobs"]\nwebhooks = true\n[monitoring]\naddress = "127.0.0.1:0"\n'
            "[plugins.serve]\nparallel = 3\njitter_s = 1\n"
        )
        with (folder / "log").open("wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "notion_sync_core", "serve", "--config", str(folder / "main.toml"), "--json"],
                stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, "NOTION_TOKEN": "demo-token", "NOTION_WEBHOOK_TOKEN": SECRET},
            )  # fmt: skip
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, (folder / "log").read_text()
        self.host = json.loads(line)["url"].removeprefix("http://")
        self.process = psutil.Process(self.child.pid)

    def write(self, name: str, schedule: str) -> None:
        jobs = self.folder / "jobs"
        jobs.mkdir(exist_ok=True)
        (jobs / f"{name}.toml").write_text(
            f'[export]\nsinks = [{{use = "fs", path = "../out-{name}"}}]\nmax_delete = 1.0\n'
            f'[notion]\nbase_url = "{self.servers[name].url}"\n[performance]\nrequests = 0\nworkers = 2\n'
            "render_processes = 0\nmax_attempts = 6\n"
            f'[deployment]\nstate_dir = "../state"\nschedule = "{schedule}"\n'
            f'[monitoring]\nlisteners = ["metrics"]\nevents_file = "../events-{name}.jsonl"\n'
        )

    def ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        line = http.client.HTTPConnection(self.host, timeout=10)
        try:
            line.request("GET" if body is None else "POST", path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def checks(self) -> dict[str, str]:
        return {each["name"]: each["status"] for each in json.loads(self.ask("/healthz?verbose")[1])}

    def jobs(self) -> dict[str, Any]:
        return {each["name"]: each for each in json.loads(self.ask("/status.json")[1])["jobs"]}

    def until(self, what: str, good: Callable[[], bool], within_s: float) -> float:
        began = time.monotonic()
        while not good():
            if time.monotonic() - began > within_s:
                self.bad.append(f"{what}: not within {within_s:.0f} s")
                break
            time.sleep(0.2)
        return round(time.monotonic() - began, 1)

    # -- the load

    def edit(self) -> None:
        """People at work, and Notion telling of most of it."""
        chance = random.Random(7)
        while not self._stop.wait(0.3):
            name = chance.choice(NAMES)
            server = self.servers[name]
            with server.lock:
                space = server.workspace
                page = chance.choice([each for each in space.pages if not space.pages[each]["in_trash"]])
                kind = chance.random()
                if kind < 0.1:
                    space.add_page(page, f"New {self.edits}")
                elif kind < 0.2:
                    space.rename(page, f"Renamed {self.edits}")
                elif kind < 0.25 and len(space.pages) > PAGES // 2:
                    space.trash(page)
                else:
                    space.append_block(page, block("paragraph", rich("More.")))
            self.edits += 1
            if chance.random() < 0.7:
                self.tell(page, server.workspace.id, "wrong" if chance.random() < 0.1 else SECRET)

    def tell(self, page: str, workspace: str, secret: str) -> None:
        when = datetime.now(UTC).isoformat()
        message = {
            "id": f"e{self.sent}", "timestamp": when, "type": "page.content_updated", "workspace_id": workspace,
            "entity": {"id": page, "type": "page"},
        }  # fmt: skip
        body = json.dumps(message).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Notion-Signature": signature}
        status, _ = self.ask("/webhooks/notion", body, headers)
        self.sent += 1
        if status != (200 if secret == SECRET else 401):
            self.bad.append(f"a webhook was answered with {status}")

    def look(self) -> None:
        """Monitoring, and a person with the page open."""
        while not self._stop.wait(0.5):
            for path in ("/livez", "/readyz", "/metrics", "/"):
                status, _ = self.ask(path)
                if path != "/readyz" and status != 200:
                    self.bad.append(f"{path} was answered with {status}")

    # -- the course

    def run(self, seconds: float) -> None:
        began = time.monotonic()
        self.until("the first runs", lambda: all(job["last_success"] for job in self.jobs().values()), 120)
        for server in self.servers.values():
            self.trouble(server)
        helpers = [threading.Thread(target=work, daemon=True) for work in (self.edit, self.look)]
        for helper in helpers:
            helper.start()
        time.sleep(seconds * 0.15)
        size = self.size()
        self.outage()
        self.reload()
        sizes = [size[0]]
        while (left := began + seconds - time.monotonic()) > 0:
            time.sleep(min(left, seconds / 12))
            sizes.append(self.size()[0])
        self.figures["memory MB, in the course"] = sizes
        self.figures["memory MB, descriptors, threads"] = {"after a while": size, "at the end": self.size()}
        self.judge_size(size)
        self._stop.set()
        for helper in helpers:
            helper.join()
        for server in self.servers.values():
            server.faults.clear()
        self.compare_numbers()
        self.end()
        self.compare_trees()

    def trouble(self, server: Emulator) -> None:
        """One request in a hundred ends in each kind of fault."""
        for number, kind in enumerate(FAULTS, 1):
            server.faults.add(Fault(kind, path="/v1/", rate=0.01 * number, retry_after="1" if kind == "429" else None))

    def size(self) -> tuple[float, int, int]:
        found = []
        for _ in range(10):  # runs that are under way have files of their own
            found.append((self.process.memory_info().rss / 1e6, self.process.num_fds()))
            time.sleep(0.5)
        found.sort()
        return round(found[0][0], 1), min(each[1] for each in found), self.process.num_threads()

    def judge_size(self, before: tuple[float, int, int]) -> None:
        after = self.size()
        if after[0] > 1.25 * before[0] + 10:
            self.bad.append(f"memory grew from {before[0]} to {after[0]} MB")
        if after[1] > before[1] + 30:
            self.bad.append(f"descriptors grew from {before[1]} to {after[1]}")

    def outage(self) -> None:
        """One service is down: health says so of that job soon, the process stays ready; then it says that it is up."""
        server = self.servers["beta"]
        server.faults.add(Fault("503", path="/v1/"))
        seen = self.until("health follows an outage", lambda: self.is_unwell("beta"), FOLLOWS_S)
        if self.ask("/readyz")[0] != 200:
            self.bad.append("an outage of the service made the process unready")
        server.faults.clear()
        self.trouble(server)
        over = self.until("health follows its end", lambda: not self.is_unwell("beta"), FOLLOWS_S)
        self.figures["health follows an outage, its end (s)"] = (seen, over)

    def is_unwell(self, name: str) -> bool:
        checks = self.checks()
        return any(status != "pass" for check, status in checks.items() if name in check)

    def reload(self) -> None:
        """Another schedule while runs are under way."""
        self.until("a run is under way", lambda: any(job["running"] for job in self.jobs().values()), 30)
        self.write("gamma", "every 6s")
        self.child.send_signal(signal.SIGHUP)
        took = self.until("a reload", lambda: self.jobs()["gamma"]["schedule"] == "every 6s", 10)
        self.figures["reload (s)"] = took
        (self.folder / "jobs/gamma.toml").rename(self.folder / "gamma.kept")
        (self.folder / "jobs/gamma.toml").write_text("[export]\nsinks = 3\n")
        self.child.send_signal(signal.SIGHUP)
        self.until("a refusal", lambda: self.checks()["configuration"] == "warn", 10)
        (self.folder / "gamma.kept").rename(self.folder / "jobs/gamma.toml")
        self.child.send_signal(signal.SIGHUP)
        self.until("its end", lambda: self.checks()["configuration"] == "pass", 10)

    # -- judging

    def events(self, name: str) -> list[dict[str, Any]]:
        files = sorted(self.folder.glob(f"events-{name}.jsonl*"), reverse=True)
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def compare_numbers(self) -> None:
        """What metrics count against what the reports of the same runs say; gamma counts anew since its reload."""
        time.sleep(1)
        while any(job["running"] for job in self.jobs().values()):
            time.sleep(0.05)
        families = list(text_string_to_metric_families(self.ask("/metrics")[1]))
        compared = 0
        for name in NAMES[:2]:
            reports = [each["report"] for each in self.events(name) if each["event"] == "RunFinished"]
            said: Counter[str] = Counter()
            for report in reports:
                said.update(
                    {f"pages_total {each}": report["objects"][each] for each in ("read", "unchanged", "failed")}
                )
                said.update({f"files_total {each}": report["artifacts"][each] for each in ("written", "deleted")})
                said["runs_total"] += 1
                said["warnings_total"] += len(report["warnings"])
            counted = self.counted(families, self.jobs()[name]["id"])
            for key, value in said.items():
                compared += 1
                if counted[key] != value:
                    self.bad.append(f"{name}: {key} is {counted[key]:.0f} in metrics and {value} in reports")
            kinds = Counter(report["mode"] for report in reports)
            self.figures[f"runs of {name}"] = dict(kinds)
        self.figures["numbers compared"] = compared

    def counted(self, families: list[Any], job: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for family in families:
            for sample in family.samples:
                if sample.labels.get("job_id") == job and sample.name.endswith("_total"):
                    name = sample.name.removeprefix("notion_sync_")
                    outcome = "" if name == "runs_total" else sample.labels.get("outcome", "")
                    found[f"{name} {outcome}".strip()] += sample.value
        return found

    def end(self) -> None:
        self.until("a run is under way", lambda: any(job["running"] for job in self.jobs().values()), 30)
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(60)
        took = time.monotonic() - began
        self.figures["SIGTERM (s)"] = round(took, 1)
        if code != 0 or took > ENDS_S:
            self.bad.append(f"after SIGTERM it ended with {code} in {took:.1f} s")
        for name in NAMES:
            events = self.events(name)
            runs = {each["run_id"] for each in events if each["event"] == "RunStarted"}
            ended = {each["run_id"] for each in events if each["event"] == "RunFinished"}
            if runs - ended:
                self.bad.append(f"{name}: {len(runs - ended)} runs began and never ended")

    def compare_trees(self) -> None:
        """After one more sync each sink holds what a fresh export of the same workspace does."""
        for name in NAMES:
            bench = Bench(self.servers[name], self.folder / "last")
            flags = {"deployment__state_dir": str(self.folder / "state"), "export__max_delete": 1.0}
            bench.good("sync", to=self.folder / f"out-{name}", **flags)
            here, fresh = tree(self.folder / f"out-{name}"), bench.fresh(f"fresh-{name}")
            if odd := sorted(path for path in here.keys() | fresh.keys() if here.get(path) != fresh.get(path)):
                kinds = {path: (path in here) - (path in fresh) for path in odd[:8]}
                self.bad.append(f"{name}: the tree is not that of a fresh export: {kinds}")


def main(minutes: float) -> int:
    servers = {name: Emulator(generate(PAGES, seed=number), latency_s=0.01) for number, name in enumerate(NAMES)}
    for server in servers.values():
        server.workspace.unlisted.clear()
    with tempfile.TemporaryDirectory() as place:
        for server in servers.values():
            server.__enter__()
        trial = Trial(Path(place), servers)
        try:
            trial.run(minutes * 60)
        finally:
            trial.child.kill()
            trial.child.communicate()
            for server in servers.values():
                server.close()
            text = (trial.folder / "log").read_text()
    trial.figures |= {"minutes": minutes, "edits": trial.edits, "webhooks": trial.sent}
    if "Traceback" in text:
        trial.bad.append("the log has a traceback: " + text[text.index("Traceback") :][:2000])
    if trial.bad:
        lines = [line for line in text.splitlines() if "_core.run" not in line]
        print(*lines[-40:], sep="\n", file=sys.stderr)
    for name, value in trial.figures.items():
        print(f"{name}: {value}")
    print("\n".join(f"BAD: {each}" for each in dict.fromkeys(trial.bad)) or "all is well")
    return 1 if trial.bad else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
