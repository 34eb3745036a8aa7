"""The DAG runs from its first task to its last in this process, with a database of its own."""

import os
import subprocess
import sys

import pytest

from conftest import Recipe


@pytest.fixture
def airflow(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(tmp_path))


def test_the_dag_runs(airflow: None, recipe: Recipe) -> None:
    code = (
        "from notion_dag import notion_dag\n"
        "run = notion_dag.test()\n"
        "print('STATE', run.state)\n"
        "values = {each.task_id: each.xcom_pull(task_ids=each.task_id) for each in run.get_task_instances()}\n"
        "print('VALUES', values)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(recipe.folder)}
    for command in ([sys.executable, "-m", "airflow", "db", "migrate"], [sys.executable, "-c", code]):
        done = subprocess.run(command, env=env, cwd=recipe.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "STATE success" in done.stdout, done.stdout[-3000:]
    assert "'read': 41" in done.stdout and "'count_documents': 41" in done.stdout, done.stdout[-3000:]
