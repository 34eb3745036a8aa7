"""Deployments done as their guides say: the image built and run, units in a system that boots (make test-deploy)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_blocks import blocks_of
from notion_sync_demo import Emulator, sample_workspace

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
GUIDES = ROOT / "docs" / "operations"
DEBIAN = os.environ.get("NOTION_SYNC_DEPLOY", "")
pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(not DEBIAN, reason="needs a Debian, which `make test-deploy` makes (NOTION_SYNC_DEPLOY)"),
]
SOURCES = (
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "setup.cfg",
    ".dockerignore",
    "notion_sync_core",
    "plugins",
    "deploy",
    "docs",
)
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
"""Podman's own are above what some machines let it set."""


def run(*words: str | Path, good: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **given)
    assert not good or done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


def typed(guide: str, heading: str) -> list[str]:
    """The blocks to type below a heading of a guide."""
    section = (GUIDES / guide).read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [block.text for block in blocks_of(section)]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator(sample_workspace()) as emulator:
        yield emulator


# -- the image


class Image:
    """The image, built by Podman from deploy/Dockerfile; the one that it begins from is a Debian that is called so."""

    name = "localhost/notion-sync:local"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.debian = Path(DEBIAN)
        (folder / "Base").write_text(
            "FROM scratch\nADD debian.tar /\n"
            "RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED && ln -s /usr/bin/python3 /usr/local/bin/python\n"
        )
        python = re.search(r"^ARG PYTHON=(\S+)", (DEPLOY / "Dockerfile").read_text(), re.M)
        assert python is not None
        base = f"docker.io/library/python:{python[1]}-slim"
        self.podman("build", "--isolation", "chroot", "--file", folder / "Base", "--tag", base, self.debian)
        self.podman(
            *("build", "--isolation", "chroot", "--format", "docker", "--pull=never", "--network", "host"),
            *("--volume", f"{self.debian / 'pip.conf'}:/etc/pip.conf:ro"),
            *("--volume", f"{self.debian / 'certificates.crt'}:/etc/ssl/certs/ca-certificates.crt:ro"),
            *("--file", DEPLOY / "Dockerfile", "--tag", self.name, ROOT),
        )

    def podman(self, *words: str | Path, good: bool = True) -> subprocess.CompletedProcess[str]:
        own = ("--root", self.folder / "store", "--runroot", self.folder / "run", "--cgroup-manager", "cgroupfs")
        return run("podman", *own, "--runtime", "runc", *words, good=good)

    def run(self, *words: str, options: tuple[str, ...] = (), good: bool = True) -> subprocess.CompletedProcess[str]:
        """As the guide runs it: a root that is read-only, no rights."""
        return self.podman(
            *("run", "--rm", "--pull=never", "--no-healthcheck", "--network", "host", *LIMITS),
            *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--volume", "state:/state", "--volume", "data:/data", *options, self.name, *words),
            good=good,
        )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    made = Image(tmp_path_factory.mktemp("image"))
    yield made
    made.podman("volume", "rm", "--all", "--force", good=False)
    made.podman("rmi", "--all", "--force", good=False)


def test_the_image_exports_with_a_read_only_root_and_no_rights(image: Image, server: Emulator) -> None:
    given = (
        *("--env", f"NOTION_TOKEN={server.token}", "--env", f"NOTION_SYNC_NOTION__BASE_URL={server.url}"),
        *("--env", "NOTION_SYNC_PERFORMANCE__REQUESTS=0"),
    )
    words = ("sync", "--config", "/etc/notion-sync/notion-sync.toml", "--json", "--progress", "none")

    first = json.loads(image.run(*words, options=given).stdout)
    second = json.loads(image.run(*words, options=given).stdout)

    assert first["status"] == second["status"] == "complete"
    assert first["artifacts"]["written"] > 30
    assert second["artifacts"]["written"] == 0
    looked = image.run("-c", LOOK, options=("--entrypoint", "python"))
    assert json.loads(looked.stdout) == {"uid": 10001, "root": "Read-only file system", "pip": False, "owners": [10001]}


LOOK = """
import importlib.util, json, os
from pathlib import Path
try:
    Path("/opt/new").write_text("")
except OSError as error:
    said = error.strerror
owners = {path.stat().st_uid for path in Path("/data").rglob("*")}
spec = importlib.util.find_spec("pip", None) if "/opt/notion-sync" in os.sys.prefix else "other"
print(json.dumps({"uid": os.getuid(), "root": said, "pip": spec is not None, "owners": sorted(owners)}))
"""


def test_the_image_holds_no_secret_and_says_what_it_is(image: Image) -> None:
    (known,) = json.loads(image.podman("image", "inspect", image.name).stdout)
    assert known["Config"]["User"] == "10001:10001"
    assert known["Config"]["Labels"]["org.opencontainers.image.title"] == "notion-sync"
    assert sorted(known["Config"]["Volumes"]) == ["/data", "/state"]
    assert "/livez" in str(known["Healthcheck"])
    history = image.podman("history", "--no-trunc", "--format", "{{.CreatedBy}}", image.name).stdout
    assert not re.search(r"ntn_|secret_|TOKEN=", history)


def test_the_demo_in_the_image_needs_no_token(image: Image) -> None:
    assert "Complete" in "".join(image.run("demo", "--to", "/data/demo").stdout)


SERVED = "python -m notion_sync_demo --port 18460 & exec notion-sync serve --config /etc/notion-sync/notion-sync.toml"
ASK = """
import sys, urllib.error, urllib.request as r
asked = r.Request("http://127.0.0.1:8787/metrics", headers=dict([sys.argv[1:]] if sys.argv[1:] else []))
try:
    print(r.urlopen(asked).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def test_the_service_in_the_image_is_healthy_and_ends_with_0_when_it_is_told(image: Image, tmp_path: Path) -> None:
    (tmp_path / "monitoring_token").write_text("a-token-of-the-test")
    (tmp_path / "monitoring_token").chmod(0o444)
    image.podman(
        *("run", "--detach", "--name", "served", "--pull=never", "--no-healthcheck", "--network", "none", *LIMITS),
        *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--env", "NOTION_TOKEN=demo-token", "--env", "NOTION_SYNC_NOTION__BASE_URL=http://127.0.0.1:18460"),
        *("--volume", f"{tmp_path / 'monitoring_token'}:/run/secrets/monitoring_token:ro"),
        *("--entrypoint", "sh", image.name, "-c", SERVED),
    )
    try:
        (known,) = json.loads(image.podman("image", "inspect", image.name).stdout)
        kind, *check = known["Healthcheck"]["Test"]
        assert kind == "CMD"
        until(lambda: image.podman("exec", "served", *check, good=False).returncode == 0)
        asked = [image.podman("exec", "served", "python", "-c", ASK, *given).stdout.strip() for given in GIVEN]
        assert asked == ["401", "200"]
        image.podman("stop", "--time", "20", "served")
        (ended,) = json.loads(image.podman("container", "inspect", "served").stdout)
        assert ended["State"]["ExitCode"] == 0, image.podman("logs", "served").stderr[-3000:]
    finally:
        image.podman("rm", "--force", "served", good=False)


GIVEN: tuple[tuple[str, ...], ...] = ((), ("Authorization", "Bearer a-token-of-the-test"))


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what another program does."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.5)


# -- a system that boots


BOOTED = """
set -x
export NOTION_TOKEN={token} HOME=/root PIP_CONFIG_FILE=/etc/pip.conf PIP_CERT=/etc/ssl/certs/ca-certificates.crt
cd /src
systemctl set-environment NOTION_SYNC_NOTION__BASE_URL={url} NOTION_SYNC_PERFORMANCE__REQUESTS=0
set -e
"""
STATUS = "sudo -u notion-sync notion-sync status --config /etc/notion-sync/notion-sync.toml"
OFF = "systemctl disable --now notion-sync-oneshot.timer"
UNIT = """[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'timeout 300 bash -e /src/typed.sh > /src/log 2>&1; echo $? > /src/status'
ExecStopPost=/bin/systemctl --no-block poweroff
"""


class Machine:
    """A Debian that boots, with the clone in /src; it types what a guide says, and goes down."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.root, self.server = folder / "root", server
        self.root.mkdir()
        run("tar", "--extract", "--file", Path(DEBIAN, "debian.tar"), "--directory", self.root)
        shutil.copy(Path(DEBIAN, "pip.conf"), self.root / "etc/pip.conf")
        shutil.copy(Path(DEBIAN, "certificates.crt"), self.root / "etc/ssl/certs/ca-certificates.crt")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source,
                    self.root / "src" / name,
                    ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "secrets"),
                )
            else:
                (self.root / "src").mkdir(exist_ok=True)
                shutil.copy(source, self.root / "src" / name)
        wanted = self.root / "etc/systemd/system/multi-user.target.wants"
        wanted.mkdir(parents=True, exist_ok=True)
        (self.root / "etc/systemd/system/typed.service").write_text(UNIT)
        (wanted / "typed.service").symlink_to("../typed.service")

    def type(self, *blocks: str, url: str = "", options: tuple[str, ...] = ()) -> str:
        """Boot, type it, and give what was said."""
        text = BOOTED.format(token=self.server.token, url=url or self.server.url) + "\n".join(blocks)
        (self.root / "src" / "typed.sh").write_text(text)
        log, status = self.root / "src" / "log", self.root / "src" / "status"
        status.unlink(missing_ok=True)
        nspawn = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--directory", self.root)
        booted = run(*nspawn, *options, good=False, timeout=400)
        said = log.read_text("utf-8") if log.exists() else booted.stdout
        assert status.exists() and status.read_text().strip() == "0", said[-4000:]
        return said


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, server: Emulator) -> Machine:
    """One on which the guide's installation was typed."""
    made = Machine(tmp_path_factory.mktemp("machine"), server)
    began = time.monotonic()
    made.type(typed("deploy-systemd.md", "In five minutes")[0])
    assert time.monotonic() - began < 300, "the guide promises five minutes"
    return made


def test_the_timer_of_the_guide_works_in_a_system_that_boots(machine: Machine, server: Emulator) -> None:
    _, _, timer, *_ = typed("deploy-systemd.md", "In five minutes")

    said = machine.type(timer, STATUS, "systemctl is-active notion-sync-oneshot.timer", OFF)

    assert "complete, exit status 0" in said
    pages = machine.root / "srv/notion"
    assert (pages / "Fernwood Bikes Handbook.md").exists()
    assert oct(pages.stat().st_mode & 0o777) == "0o750"
    assert oct((machine.root / "var/lib/notion-sync").stat().st_mode & 0o777) == "0o700"
    logs = [path for path in machine.root.glob("var/log/**/*") if path.is_file()]
    assert not [path for path in logs if server.token.encode() in path.read_bytes()]


def test_the_service_of_the_guide_works_in_a_system_that_boots(machine: Machine) -> None:
    _, service, *_ = typed("deploy-systemd.md", "In five minutes")
    (doctor,) = typed("deploy-systemd.md", "Day by day")
    served = f"-m notion_sync_demo --port 18460 --token {machine.server.token}"
    emulator = f"systemd-run --unit=emulator /opt/notion-sync/bin/python {served}"

    said = machine.type(
        *(
            emulator,
            "sleep 3",
            service,
            "for n in $(seq 60); do",
            f"{STATUS} | grep -q 'exit status 0' && break; sleep 1",
        ),
        *("done", STATUS, doctor, "systemctl reload notion-sync", "sleep 2", "systemctl is-active notion-sync"),
        *("systemctl show -p WatchdogUSec,NotifyAccess notion-sync", "systemctl stop notion-sync"),
        *("systemctl show -p Result,ExecMainStatus notion-sync", "systemctl disable notion-sync"),
        url="http://127.0.0.1:18460",
        options=("--private-network",),
    )

    assert "complete, exit status 0" in said
    assert "WatchdogUSec=1min" in said
    assert "Result=success" in said
    assert "ExecMainStatus=0" in said


# -- what others check


def test_kubernetes_takes_what_kustomize_makes(tmp_path: Path) -> None:
    for way in ("serve", "cronjob"):
        made = tmp_path / f"{way}.yaml"
        if shutil.which("kubectl"):
            made.write_text(run("kubectl", "kustomize", DEPLOY / "kubernetes" / way).stdout)
        else:
            files = [*(DEPLOY / "kubernetes/base").glob("*.yaml"), *(DEPLOY / "kubernetes" / way).glob("*.yaml")]
            made.write_text("---\n".join(file.read_text() for file in files if file.name != "kustomization.yaml"))
        for version in ("1.30", "1.34"):
            checked = run(Path(sys.executable).parent / "kubernetes-validate", "-k", version, "--strict", made)
            assert len(re.findall("passed", checked.stdout + checked.stderr)) == made.read_text().count(
                "\nkind:"
            ) + made.read_text().startswith("kind:")


def test_compose_and_github_take_their_files() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    run(checker, "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    run(checker, "--builtin-schema", "vendor.github-workflows", DEPLOY / "github" / "mirror.yml")


def test_prometheus_takes_its_configuration() -> None:
    run("promtool", "check", "config", "--syntax-only", DEPLOY / "prometheus" / "prometheus.yml")


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    (job,) = yaml.safe_load((DEPLOY / "github" / "mirror.yml").read_text())["jobs"].values()
    for number, step in enumerate(step for step in job["steps"] if "run" in step):
        (tmp_path / f"{number}.sh").write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}")
    run("shellcheck", *sorted(tmp_path.iterdir()), *sorted((ROOT / "tests").glob("*/*.sh")))


def test_the_list_of_what_is_installed_names_every_requirement(tmp_path: Path) -> None:
    run(ROOT / "tests" / "deploy" / "sbom.sh", sys.executable, tmp_path / "sbom.json", cwd=tmp_path)
    known = json.loads((tmp_path / "sbom.json").read_text())
    assert known["bomFormat"] == "CycloneDX"
    names = {each["name"].lower() for each in known["components"]}
    assert {"notion-sync-core", "requests", "diskcache", "boto3"} <= names
    assert not names & {"pytest", "mypy", "cyclonedx-bom"}
    assert all(each["version"] for each in known["components"])
