"""A database as frames of pandas and Polars, with types."""

import pandas
import polars

from conftest import Recipe


def test_both_frames_have_the_same_rows_with_types(recipe: Recipe) -> None:
    made = recipe.run("frames")
    frame, other = made["frame"], made["other"]
    assert len(frame) == len(other) == 9
    assert str(frame["Hours"].dtype) == "Float64" and other["Hours"].dtype == polars.Float64
    assert str(frame["Urgent"].dtype) == "boolean" and other["Urgent"].dtype == polars.Boolean
    assert isinstance(frame["Due"].dtype, pandas.DatetimeTZDtype)
    assert other["Due"].dtype == polars.Datetime("us", "UTC")
    assert other["Area"].dtype == polars.List(polars.String)
    assert frame["Task"].tolist() == other["Task"].to_list()
    assert frame["Hours"].sum() == other["Hours"].sum() > 0
    assert [stamp.to_pydatetime() for stamp in frame["Due"].dropna()] == other["Due"].drop_nulls().to_list()
    sums = dict(zip(made["by_status"]["Status"], made["by_status"]["hours"], strict=True))
    for status, hours in made["open_hours"].items():
        assert sums[status] == hours
    assert len(made["late"]) > 0
