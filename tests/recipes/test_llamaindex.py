"""The reader gives documents that a store updates in place."""

from conftest import Recipe


def test_it_reads_documents_and_updates_a_store(recipe: Recipe) -> None:
    made = recipe.run("read")
    store, reader, space = made["store"], made["reader"], recipe.emulator.workspace
    assert len(store.docs) == 41
    safety = next(each for each in store.docs.values() if each.metadata["title"] == "Safety")
    assert "# Safety" in safety.text and safety.metadata["path"].endswith("/Safety")

    space.rename(safety.doc_id, "Safety first")
    space.trash(next(each.doc_id for each in store.docs.values() if each.metadata["title"] == "City one"))
    made["update"]()
    assert len(store.docs) == 40
    assert store.get_document(safety.doc_id).metadata["title"] == "Safety first"
    assert len(reader.deleted) == 1
