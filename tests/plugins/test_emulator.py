"""The emulator, held honest by a client that is not ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from notion_client import APIResponseError, Client
from notion_client.helpers import iterate_paginated_api

from conftest import Bench, tree
from notion_sync_core.model import plain_text
from notion_sync_demo import Emulator, Fault, ServerBudget, build, generate, sample_workspace


@pytest.fixture
def client(server: Emulator) -> Iterator[Client]:
    with Client(auth=server.token, base_url=server.url, notion_version="2026-03-11") as client:
        yield client


def test_notion_client_walks_every_page_row_and_block(client: Client, server: Emulator) -> None:
    found = list(iterate_paginated_api(client.search, page_size=7))
    sources = [each["id"] for each in found if each["object"] == "data_source"]
    listed = {each["id"] for each in found if each["object"] == "page"}
    for source in sources:
        listed |= {row["id"] for row in iterate_paginated_api(client.data_sources.query, data_source_id=source)}
    walked: set[str] = set()
    texts: list[str] = []
    todo = sorted(listed)
    while todo:
        parent = todo.pop()
        for block in iterate_paginated_api(client.blocks.children.list, block_id=parent, page_size=3):
            payload = block[block["type"]]
            for items in (payload.get("rich_text"), *(payload.get("cells") or ()), payload.get("caption")):
                texts.append(plain_text(items or []))
            if block["type"] == "child_page":
                walked.add(block["id"])
            elif block["has_children"]:
                todo.append(block["id"])
    assert walked <= listed
    assert listed == set(server.workspace.pages)
    wanted = [text for page in server.workspace.pages for text in server.workspace.texts(page)]
    assert wanted
    assert set(wanted) <= set(texts)


def test_notion_client_reads_users_databases_and_single_objects(client: Client, server: Emulator) -> None:
    users = list(iterate_paginated_api(client.users.list))
    assert {user["type"] for user in users} >= {"person", "bot"}
    assert client.users.me()["object"] == "user"
    for database_id in server.workspace.databases:
        try:
            database = client.databases.retrieve(database_id)
        except APIResponseError as error:
            assert error.code == "object_not_found"
            continue
        for source in database["data_sources"]:
            assert client.data_sources.retrieve(source["id"])["properties"]
    page = next(iter(server.workspace.pages))
    assert client.pages.retrieve(page)["id"] == page
    title = next(name for name, value in client.pages.retrieve(page)["properties"].items() if value["type"] == "title")
    item = client.pages.properties.retrieve(page, client.pages.retrieve(page)["properties"][title]["id"])
    assert item["object"] in ("list", "property_item")


def test_errors_have_the_shape_that_notion_client_knows(client: Client, server: Emulator) -> None:
    with pytest.raises(APIResponseError) as raised:
        client.pages.retrieve("00000000-0000-4000-8000-000000000000")
    assert (raised.value.status, raised.value.code) == (404, "object_not_found")
    with pytest.raises(APIResponseError) as raised:
        client.search(page_size=1000)
    assert (raised.value.status, raised.value.code) == (400, "validation_error")
    with pytest.raises(APIResponseError) as raised:
        client.search(start_cursor="00000000-0000-4000-8000-000000000000")
    assert raised.value.code == "validation_error"
    with (
        Client(auth="wrong", base_url=server.url) as stranger,
        pytest.raises(APIResponseError) as raised,
    ):
        stranger.users.me()
    assert (raised.value.status, raised.value.code) == (401, "unauthorized")
    server.faults.add(Fault("403", times=1))
    with pytest.raises(APIResponseError) as raised:
        client.users.me()
    assert raised.value.code == "restricted_resource"


def test_the_budget_answers_429_with_a_wait_and_then_serves_again() -> None:
    with Emulator(sample_workspace(), budget=ServerBudget(3, 1.0)) as server:
        headers = {"Authorization": f"Bearer {server.token}", "Notion-Version": "2026-03-11"}
        answers = [requests.get(f"{server.url}/v1/users/me", headers=headers, timeout=5) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert answers[3].json()["code"] == "rate_limited"


def test_it_is_driven_over_http_by_clients_in_any_language(server: Emulator) -> None:
    page = next(each for each in server.workspace.pages if server.workspace.title(each) == "Safety")
    answer = requests.post(
        f"{server.url}/_emulator/edit", json={"do": "rename", "object_id": page, "title": "Care"}, timeout=5
    )
    assert answer.status_code == 200, answer.text
    assert server.workspace.title(page) == "Care"
    answer = requests.post(f"{server.url}/_emulator/faults", json={"faults": [{"kind": "503", "times": 1}]}, timeout=5)
    assert answer.status_code == 200, answer.text
    assert requests.get(f"{server.url}/v1/users/me", timeout=5).status_code == 503
    assert requests.get(f"{server.url}/_emulator/counters", timeout=5).json()["total"] >= 1


def test_an_unknown_fault_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="known: 400"):
        Fault("rain")


def test_it_runs_as_a_process_of_its_own() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "notion_sync_demo", "--pages", "5", "--requests", "100"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[0].partition("=")[2]
        answer = requests.get(
            f"{url}/v1/users/me",
            headers={"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"},
            timeout=5,
        )
        assert answer.status_code == 200
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


def test_a_generated_workspace_is_the_same_for_the_same_seed_and_keeps_edits(tmp_path: Path) -> None:
    with Emulator(generate(60, seed=3)) as one, Emulator(generate(60, seed=3)) as two:
        first, second = Bench(one, tmp_path / "1"), Bench(two, tmp_path / "2")
        first.good()
        second.good()
        assert tree(first.out).keys() == tree(second.out).keys()
        page = next(iter(one.workspace.pages))
        one.workspace.append_block(page, {"type": "divider", "divider": {}})
        assert first.good().objects.read == 1
        assert tree(first.out) == first.fresh()


def test_queries_and_searches_that_end_early_are_read_past(tmp_path: Path) -> None:
    with Emulator(generate(250, seed=1), query_cap=60, page_size=25) as server:
        bench = Bench(server, tmp_path)
        # The emulator says that the answer is incomplete, as the API does.
        bench.good()
        names = tree(bench.out)
    lines = names[".notion-sync/manifest.jsonl"].splitlines()
    assert len(lines) == len(server.workspace.pages) + len(server.workspace.databases)


def test_what_is_made_in_a_generated_workspace_never_takes_the_id_of_what_is_there() -> None:
    space = generate(120, seed=2)
    pages = list(space.pages)
    made = [
        space.append_block(pages[number % len(pages)], build.block("paragraph", build.rich("More.")))
        for number in range(900)
    ]
    assert not set(made) & set(pages)
