"""The loader gives sections; with a cursor those that changed."""

from conftest import Recipe


def test_it_loads_sections_and_then_what_changed(recipe: Recipe) -> None:
    made = recipe.run("load")
    loader, job, store = made["loader"], made["job"], made["store"]
    found = list(loader.lazy_load())
    assert len({each.id for each in found}) == len(found) > 30
    safety = next(each for each in found if each.metadata["title"] == "Safety")
    assert "Emergency number" in safety.page_content and safety.metadata["source"].startswith("https://")
    assert any(each.metadata["headings"] for each in found)
    assert len(store.store) == len(found)
    assert len(store.similarity_search("door", k=3)) == 3

    again = recipe.module("notion_loader").NotionLoader(job, changed_since=loader.cursor)
    assert list(again.lazy_load()) == [] and again.deleted == []

    space = recipe.emulator.workspace
    space.edit_text(space.children(safety.metadata["document"])[0]["id"], "Something else")
    job.sync()
    changed = list(again.lazy_load())
    assert {each.metadata["document"] for each in changed} == {safety.metadata["document"]}
    assert "Something else" in changed[0].page_content
