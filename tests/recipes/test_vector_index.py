"""The index adds, updates and forgets, and finds what it should."""

from conftest import Recipe


def page(recipe: Recipe, title: str) -> str:
    space = recipe.emulator.workspace
    return next(each for each in space.pages if space.title(each) == title)


def test_it_finds_takes_in_what_changed_and_forgets_what_went(recipe: Recipe) -> None:
    made = recipe.run("update")
    index, job, space = made["index"], made["job"], recipe.emulator.workspace
    title, url, text = index.search("where do I find the emergency number?")[0]
    assert "Emergency number: 555 0100" in text and title in ("Safety", "Workshop") and "#" in url
    assert index.update(job) == 0

    safety = page(recipe, "Safety")
    space.edit_text(space.children(safety)[0]["id"], "The zebra crosses at noon with a purple umbrella")
    job.sync()
    assert index.update(job) >= 1
    assert index.search("purple umbrella of the zebra")[0][0] == "Safety"

    space.trash(safety)
    job.sync()
    index.update(job)
    assert index.search("purple umbrella of the zebra")[0][0] != "Safety"
    assert not list(index.db.execute("SELECT 1 FROM sections WHERE document = ?", (safety,)))

    made["Index"]("anew.db").update(job)
    anew = made["Index"]("anew.db")
    rows = "SELECT document, text FROM sections ORDER BY 1, 2"
    assert list(index.db.execute(rows)) == list(anew.db.execute(rows))


def test_an_index_of_a_state_that_was_lost_is_built_anew(recipe: Recipe) -> None:
    made = recipe.run("update")
    (recipe.folder / "state").rename(recipe.folder / "old")
    job = made["Job"].load("notion-sync.toml")
    job.sync()
    assert made["index"].update(job) == 41
    assert len({row[0] for row in made["index"].db.execute("SELECT document FROM sections")}) > 20
