"""A service that begins a sync, tells of it, stops it, and gives what was read."""

import time

from fastapi.testclient import TestClient

from conftest import Recipe


def ended(client: TestClient) -> str:
    deadline = time.monotonic() + 60
    while (status := client.get("/sync").json()["status"]) == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return status


def test_a_sync_goes_on_beside_requests(recipe: Recipe) -> None:
    with TestClient(recipe.module("service").app) as client:
        assert client.get("/sync").json() == {"status": "none"}
        assert client.post("/sync").status_code == 202
        assert client.post("/sync").status_code in (202, 409)
        assert ended(client) == "complete"
        assert client.get("/sync").json()["read"] == 41
        space = recipe.emulator.workspace
        page = next(each for each in space.pages if space.title(each) == "Safety")
        found = client.get(f"/documents/{page}").json()
        assert found["title"] == "Safety" and "Emergency number" in found["text"]
        assert client.get(f"/documents/{page[::-1]}").status_code == 404


def test_a_sync_is_stopped_and_the_next_one_goes_on(recipe: Recipe) -> None:
    recipe.emulator.latency_s = 0.2
    with TestClient(recipe.module("service").app) as client:
        client.post("/sync")
        assert client.post("/sync").status_code == 409
        assert client.delete("/sync").status_code == 202
        assert ended(client) == "stopped"
        recipe.emulator.latency_s = 0.0
        client.post("/sync")
        assert ended(client) == "complete"


def test_a_service_that_ends_stops_its_sync(recipe: Recipe) -> None:
    recipe.emulator.latency_s = 0.2
    module = recipe.module("service")
    with TestClient(module.app) as client:
        client.post("/sync")
    assert module.app.state.run.status == "stopped"
