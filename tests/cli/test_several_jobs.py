"""A configuration of several jobs: what looks at it looks at each of them, and at what serves them."""

from __future__ import annotations

import json

import pytest

from shell import Shell


@pytest.fixture
def jobs(shell: Shell) -> Shell:
    """Two jobs, in a folder."""
    (shell.folder / "jobs").mkdir()
    for name in ("alpha", "beta"):
        (shell.folder / f"jobs/{name}.toml").write_text(f'[plugins.fs]\npath = "../out-{name}"\n')
    write(shell)
    return shell


def write(shell: Shell, *lines: str) -> None:
    (shell.folder / "main.toml").write_text("\n".join(('[deployment]\njobs = ["jobs"]', *lines)))


def test_a_check_of_the_configuration_names_its_jobs(jobs: Shell) -> None:
    done = jobs("config", "check", "--config", "main.toml", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"valid": True, "jobs": ["alpha", "beta"], "token": True})
    assert "Jobs: alpha, beta." in jobs("config", "check", "--config", "main.toml").stdout


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[plugins.serve]\nparalel = 2", "line 4: unknown key 'plugins.serve.paralel'"),
        ('[plugins.serve]\nmode = "copy"', "line 4: plugins.serve.mode is 'copy'"),
        ('[monitoring]\naddress = "0.0.0.0:8787"', "monitoring.token is not set"),
        ("[plugins.serve]\nactions = true", "plugins.serve.token is not set"),
    ],
)
def test_what_serve_would_refuse_is_found_by_config_check_and_doctor(jobs: Shell, lines: str, said: str) -> None:
    write(jobs, lines)
    checked = jobs("config", "check", "--config", "main.toml")
    assert (checked.returncode, said in checked.stderr) == (2, True), checked.stderr
    looked = jobs("doctor", "--config", "main.toml")
    assert (looked.returncode, said in looked.stdout) == (2, True), looked.stdout


def test_a_mistake_in_the_file_of_a_job_is_found(jobs: Shell) -> None:
    (jobs.folder / "jobs/beta.toml").write_text("[export]\nrenderers = ['markdwn']\n")
    checked = jobs("config", "check", "--config", "main.toml")
    assert (checked.returncode, "no renderer named 'markdwn'" in checked.stderr) == (2, True), checked.stderr


def test_a_file_that_is_not_there_is_named_with_the_key_that_names_it(jobs: Shell) -> None:
    (jobs.folder / "main.toml").write_text('[deployment]\njobs = ["alpha.toml"]\n')
    checked = jobs("config", "check", "--config", "main.toml")
    assert checked.returncode == 2
    assert "main.toml, line 2: deployment.jobs names alpha.toml, which is not there" in checked.stderr


def test_doctor_looks_at_each_job(jobs: Shell) -> None:
    looked = jobs("doctor", "--config", "main.toml", "--json")
    found = {check["name"]: check for check in json.loads(looked.stdout)}
    assert looked.returncode == 0, looked.stdout
    assert {"configuration", "alpha: source", "beta: source", "beta: sink", "commands"} <= found.keys()
    assert found["commands"]["message"] == "serve would run alpha, beta"
    assert not (jobs.folder / "notion-export").exists(), "the file of jobs is none itself"


def test_the_schema_of_configurations_knows_the_options_of_commands(shell: Shell) -> None:
    schema = json.loads(shell("config", "schema").stdout)
    assert set(schema["$defs"]["commands.serve"]["properties"]) == {"mode", "jitter_s", "parallel", "actions", "token"}
