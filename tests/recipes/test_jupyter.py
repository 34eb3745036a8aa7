"""The notebook runs from top to bottom, and its bar is full."""

import nbformat
from nbclient import NotebookClient

from conftest import Recipe


def test_the_cells_run_in_a_kernel(recipe: Recipe) -> None:
    cells = [nbformat.v4.new_code_cell(block) for block in recipe.blocks]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(recipe.folder)}}
    )
    client.execute()
    told = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    assert "complete 41 read" in told
    assert "41 documents" in told
    bars = [
        (state["value"], state["max"])
        for state in client.widget_state.values()
        if state["_model_name"] == "FloatProgressModel"
    ]
    assert bars == [(41, 41)]
