"""The assets are made, one from the other."""

from dagster import materialize

from conftest import Recipe


def test_the_assets_are_made(recipe: Recipe) -> None:
    module = recipe.module("notion_assets")
    result = materialize([module.notion_export, module.tasks])
    assert result.success
    [made] = result.asset_materializations_for_node("notion_export")
    assert made.metadata["read"].value == 41 and made.metadata["failed"].value == 0
    frame = result.output_for_node("tasks")
    assert len(frame) == 9 and "Hours" in frame.columns
