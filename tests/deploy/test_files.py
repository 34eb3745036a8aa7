"""Files of deployments name what exists, fit together, and give no more rights than are needed."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_blocks import lines_of
from conftest import Bench
from notion_sync_core import Job
from typed import commands_in, refuse_unknown

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
YAML = sorted([*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.yml")])
TOML = sorted(DEPLOY.rglob("*.toml"))
UNITS = sorted([*DEPLOY.glob("systemd/*.service"), *DEPLOY.glob("systemd/*.timer")])
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def name_of(path: Path) -> str:
    return path.relative_to(DEPLOY).as_posix()


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


# -- all of them


@pytest.mark.parametrize("path", YAML, ids=name_of)
def test_yaml_is_yaml(path: Path) -> None:
    assert all(documents(path))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_command_in_a_file_exists_with_its_options(path: Path) -> None:
    for words in commands_in(path.read_text("utf-8")):
        refuse_unknown(words)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_guide_that_a_file_names_exists(path: Path) -> None:
    for guide in re.findall(r"docs/[a-z/-]+\.md", path.read_text("utf-8")):
        assert (ROOT / guide).exists(), guide
    for guide in re.findall(r"notion-sync/(deploy-[a-z]+\.md)", path.read_text("utf-8")):
        assert (ROOT / "docs" / "operations" / guide).exists(), guide


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_holds_a_secret(path: Path) -> None:
    assert not re.search(r"(ntn|secret)_[A-Za-z0-9]{8,}|BEGIN [A-Z ]*PRIVATE KEY", path.read_text("utf-8"))


@pytest.mark.parametrize("path", TOML, ids=name_of)
def test_every_configuration_makes_a_job(path: Path) -> None:
    job = Job.load(path, environ={})
    assert [sink.location for sink in job.sinks()] == [tomllib.loads(path.read_text("utf-8"))["plugins"]["fs"]["path"]]
    assert job.config.monitoring.address.startswith("127.0.0.1:") or job.config.monitoring.token.startswith(
        "file:/run/"
    )


# -- the image


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.M).replace("\\\n", " ")
    return [(line.split()[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def test_the_image_copies_what_exists_and_what_the_ignore_file_lets_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    through = {line.removeprefix("!").rstrip("/") for line in ignored if line.startswith("!")}
    copied = {
        source.rstrip("/")
        for name, rest in instructions()
        if name == "COPY" and "--from=" not in rest
        for source in rest.split()[:-1]
    }
    assert ignored[1] == "*"
    assert copied == through
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == ["10001:10001"]
    set_there = " ".join(rest for name, rest in instructions() if name in ("ENV", "ARG"))
    assert not re.search(r"token|secret|password", set_there, re.I)
    assert not [name for name, _ in instructions() if name == "ADD"]


# -- compose


def compose() -> dict[str, Any]:
    read: dict[str, Any] = documents(DEPLOY / "compose.yaml")[0]
    return read


def test_compose_mounts_what_exists_and_publishes_to_this_machine_alone() -> None:
    read = compose()
    for service in read["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in read["volumes"], volume
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["cap_drop"] == ["ALL"]
        assert set(service["secrets"]) <= set(read["secrets"])
    assert {each["file"].rpartition("/")[0] for each in read["secrets"].values()} == {"./secrets"}


def test_git_does_not_see_the_secrets_of_compose() -> None:
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_prometheus_reads_rules_that_exist_and_asks_compose_s_service() -> None:
    read = documents(DEPLOY / "prometheus" / "prometheus.yml")[0]
    assert all((DEPLOY / "prometheus" / rules).exists() for rules in read["rule_files"])
    (scraped,) = read["scrape_configs"]
    host, port = scraped["static_configs"][0]["targets"][0].split(":")
    container = tomllib.loads((DEPLOY / "container.toml").read_text("utf-8"))
    assert host in compose()["services"]
    assert container["monitoring"]["address"].endswith(f":{port}")
    assert scraped["authorization"]["credentials_file"] == container["monitoring"]["token"].removeprefix("file:")


def test_grafana_finds_its_dashboard_where_compose_puts_it() -> None:
    (provider,) = documents(DEPLOY / "grafana" / "provisioning" / "dashboards" / "notion-sync.yml")[0]["providers"]
    mounted = [volume.split(":")[1] for volume in compose()["services"]["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/notion-sync.json" in mounted


# -- systemd


def settings(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_units_give_the_token_as_a_credential_and_write_two_folders() -> None:
    config = tomllib.loads((DEPLOY / "systemd" / "notion-sync.toml").read_text("utf-8"))
    for unit in DEPLOY.glob("systemd/*.service"):
        known = settings(unit)
        (name,) = [credential.split(":")[0] for credential in known["LoadCredential"]]
        assert f"NOTION_SYNC_NOTION__TOKEN_FILE=%d/{name}" in known["Environment"]
        assert known["ReadWritePaths"] == [config["plugins"]["fs"]["path"]]
        assert [f"/var/lib/{folder}" for folder in known["StateDirectory"]] == [config["deployment"]["state_dir"]]
        assert f"u {known['User'][0]} " in (DEPLOY / "systemd" / "notion-sync.sysusers").read_text("utf-8")
        assert f"d {known['ReadWritePaths'][0]} " in (DEPLOY / "systemd" / "notion-sync.tmpfiles").read_text("utf-8")


def test_the_timer_starts_the_unit_of_its_name() -> None:
    for timer in DEPLOY.glob("systemd/*.timer"):
        assert timer.with_suffix(".service").exists()
        assert settings(timer)["Persistent"] == ["true"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing (Debian: systemd)")
def test_systemd_finds_no_fault_with_the_units_and_little_exposure(tmp_path: Path) -> None:
    for unit in UNITS:
        # The program is not installed where the unit says; everything else is as it is.
        (tmp_path / unit.name).write_text(
            unit.read_text("utf-8").replace("/opt/notion-sync/bin/notion-sync", "/bin/true")
        )
    analyse = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(analyse, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    for unit in DEPLOY.glob("systemd/*.service"):
        scored = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]
        done = subprocess.run(scored, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-100:]


# -- Kubernetes


KUSTOMIZED = [path.parent for path in sorted(DEPLOY.glob("kubernetes/*/kustomization.yaml"))]


def resources(folder: Path) -> list[Any]:
    found = []
    for each in documents(folder / "kustomization.yaml")[0]["resources"]:
        path = folder / each
        found += resources(path) if path.is_dir() else documents(path)
    return found


def pods(value: object) -> Iterator[dict[str, Any]]:
    """Every pod of a resource: what has containers."""
    if isinstance(value, dict):
        if "containers" in value:
            yield value
        for each in value.values():
            yield from pods(each)
    elif isinstance(value, list):
        for each in value:
            yield from pods(each)


@pytest.mark.parametrize("folder", KUSTOMIZED, ids=name_of)
def test_what_a_kustomization_names_is_there(folder: Path) -> None:
    known = documents(folder / "kustomization.yaml")[0]
    assert all((folder / each).exists() for each in known["resources"])
    for made in known.get("configMapGenerator", []):
        assert all((folder / each).exists() for each in made["files"])


@pytest.mark.parametrize("way", ["serve", "cronjob"])
def test_pods_mount_volumes_that_are_claimed_and_paths_that_the_configuration_names(way: str) -> None:
    all_of_it = resources(DEPLOY / "kubernetes" / way)
    claims = {each["metadata"]["name"] for each in all_of_it if each["kind"] == "PersistentVolumeClaim"}
    config = tomllib.loads((DEPLOY / "kubernetes" / "base" / "notion-sync.toml").read_text("utf-8"))
    (pod,) = pods(all_of_it)
    assert {v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if "persistentVolumeClaim" in v} == claims
    (container,) = pod["containers"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}
    assert mounts["state"] == config["deployment"]["state_dir"]
    assert mounts["data"] == config["plugins"]["fs"]["path"]
    assert config["monitoring"]["token"].startswith(f"file:{mounts['secrets']}/")
    assert container["env"][0]["value"].startswith(f"{mounts['secrets']}/")
    assert f"{mounts['config']}/notion-sync.toml" in container["args"]
    refuse_unknown(container["args"])


@pytest.mark.parametrize("way", ["serve", "cronjob"])
def test_pods_keep_the_restricted_pod_security_standard(way: str) -> None:
    (pod,) = pods(resources(DEPLOY / "kubernetes" / way))
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    kinds = {kind for volume in pod["volumes"] for kind in volume} - {"name"}
    assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim", "secret"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]


def test_one_pod_at_a_time_writes() -> None:
    (deployment,) = (each for each in resources(DEPLOY / "kubernetes" / "serve") if each["kind"] == "Deployment")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    (cronjob,) = (each for each in resources(DEPLOY / "kubernetes" / "cronjob") if each["kind"] == "CronJob")
    assert cronjob["spec"]["concurrencyPolicy"] == "Forbid"


def test_the_service_and_its_monitor_lead_to_the_pod() -> None:
    all_of_it = resources(DEPLOY / "kubernetes" / "serve")
    (service,) = (each for each in all_of_it if each["kind"] == "Service")
    (deployment,) = (each for each in all_of_it if each["kind"] == "Deployment")
    (monitor,) = resources(DEPLOY / "kubernetes" / "monitoring")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] in {port["name"] for port in service["spec"]["ports"]}


# -- cron and launchd


def test_the_crontab_has_five_fields_and_a_command() -> None:
    lines = (DEPLOY / "cron" / "notion-sync.crontab").read_text("utf-8").splitlines()
    (line,) = (each for each in lines if not re.match(r"#|[A-Z_]+=", each))
    *fields, command = line.split(None, 5)
    assert len(fields) == 5
    assert all(re.fullmatch(r"[\d*/,-]+", each) for each in fields)
    assert command.startswith(".local/bin/notion-sync sync ")


def test_the_launch_agent_is_a_property_list_with_a_command() -> None:
    (path,) = DEPLOY.glob("launchd/*.plist")
    read = plistlib.loads(path.read_bytes())
    assert f"{read['Label']}.plist" == path.name
    assert read["ProgramArguments"][0].endswith("/notion-sync")
    assert read["StartInterval"] >= 60
    refuse_unknown(read["ProgramArguments"][1:])


# -- what cron does


def guide_of_cron() -> str:
    """What is typed to get there, but for the installation and the crontab."""
    text = (ROOT / "docs" / "operations" / "deploy-cron.md").read_text("utf-8")
    lines = lines_of(text.partition("## cron")[2].partition("cron has no")[0])
    return "\n".join(line for line in lines if not line.startswith(("pipx", "(crontab")))


def test_the_line_of_the_crontab_runs_as_cron_runs_it_and_says_nothing(bench: Bench, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".local" / "bin").mkdir(parents=True)
    (home / ".local" / "bin" / "notion-sync").symlink_to(Path(sys.executable).parent / "notion-sync")
    given = {"HOME": str(home), "NOTION_TOKEN": bench.emulator.token, "PATH": os.environ["PATH"]}
    subprocess.run(["bash", "-ec", guide_of_cron()], cwd=home, env=given, check=True)
    lines = (DEPLOY / "cron" / "notion-sync.crontab").read_text("utf-8").splitlines()
    own = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    own |= {"NOTION_SYNC_NOTION__BASE_URL": bench.emulator.url, "NOTION_SYNC_PERFORMANCE__REQUESTS": "0"}

    typed = ["/bin/sh", "-c", lines[-1].split(None, 5)[5]]
    done = subprocess.run(typed, cwd=home, env={**own, "HOME": str(home)}, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (home / "notion" / "Fernwood Bikes Handbook.md").exists()
    assert (home / ".config" / "notion-sync" / "token").stat().st_mode & 0o077 == 0
