"""How a view looks: what it shows, in which order, by which rows. What the types of the official SDK 5.26 allow.

https://developers.notion.com/guides/data-apis/working-with-views
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from notion_sync_demo.build import Json
from notion_sync_demo.writing.refusals import an_array, an_object, invalid, one_of, only, required, words, wrong
from notion_sync_demo.writing.schemas import found

MOST = 500
"""Columns, sorts and conditions of one view."""
_STAMPS = ("created_time", "last_edited_time")
_DIRECTIONS = ("ascending", "descending")
_DEEPEST = 2
"""Levels of conditions within one another."""
_COLUMN = words("property_id visible width wrap status_show_as card_property_width_mode date_format time_format")
_GROUP = words("type property_id sort hide_empty_groups group_by start_day_of_week range_start range_end range_size")
_CARDS = words("properties cover cover_size cover_aspect card_layout")
_CHART = words(
    "chart_type x_axis y_axis x_axis_property_id y_axis_property_id value sort color_theme height hide_empty_groups "
    "legend_position show_data_labels axis_labels grid_lines cumulative smooth_line hide_line_fill_area group_style "
    "y_axis_min y_axis_max donut_labels hide_title stack_by reference_lines caption color_by_value"
)
_KNOWN = {
    "table": words("properties group_by subtasks wrap_cells frozen_column_index show_vertical_lines"),
    "board": ("group_by", "sub_group_by", *_CARDS),
    "calendar": words("date_property_id properties view_range show_weekends"),
    "timeline": words(
        "date_property_id end_date_property_id properties show_table table_properties preference arrows_by color_by"
    ),
    "gallery": _CARDS,
    "list": ("properties",),
    "map": words("height map_by properties"),
    "form": words("is_form_closed anonymous_submissions submission_permissions"),
    "chart": _CHART,
    "dashboard": (),
}
_NEEDED = {"board": "group_by", "calendar": "date_property_id", "timeline": "date_property_id", "chart": "chart_type"}
_GROUPS = ("group_by", "sub_group_by", "x_axis", "stack_by")
_LISTS = ("properties", "table_properties")
_IDS = words("date_property_id end_date_property_id map_by x_axis_property_id y_axis_property_id")
_HOLDERS = ("cover", "subtasks", "arrows_by", "y_axis", "value")


@frozen
class Looks:
    """Takes what requests say of a view of one data source."""

    props: dict[str, Json]
    kind: str

    def taken(self, body: Json, *, stamps: bool = True) -> Json:
        """What is to be stored of a request.

        :param stamps: rows may be sorted by their times; in changes only by properties.
        :raises ApiError: something of it cannot be.
        """
        changes: Json = {}
        if "filter" in body:
            changes["filter"] = body["filter"]
            if body["filter"] is not None:
                self._filter(body["filter"], "body.filter", 0)
        if "sorts" in body:
            changes["sorts"] = self._sorts(body["sorts"], stamps=stamps)
        if "quick_filters" in body:
            changes["quick_filters"] = self._quick(body["quick_filters"])
        if "configuration" in body:
            changes["configuration"] = self._configuration(an_object(body["configuration"], "body.configuration"))
        return changes

    def can_be_bare(self, where: str) -> None:
        """Whether a view of this type needs no configuration.

        :raises ApiError: it does.
        """
        if self.kind in _NEEDED:
            raise wrong(f"{where}.configuration", "defined")

    def _property(self, key: Any, where: str) -> Json:
        prop = found(self.props, key) if isinstance(key, str) else None
        if prop is None:
            raise wrong(where, "a property of the data source", key)
        return prop

    # -- which rows, in which order

    def _filter(self, raw: Any, where: str, depth: int) -> None:
        body = an_object(raw, where)
        for both in ("and", "or"):
            if both in body:
                only(body, (both,), where)
                if depth >= _DEEPEST:
                    raise invalid(f"{where}: filters cannot be nested deeper.")
                for number, each in enumerate(an_array(body[both], f"{where}.{both}", MOST)):
                    self._filter(each, f"{where}.{both}[{number}]", depth + 1)
                return
        if "timestamp" in body:
            stamp = one_of(body["timestamp"], _STAMPS, f"{where}.timestamp")
            only(body, ("timestamp", stamp), where)
            an_object(required(body, stamp, where), f"{where}.{stamp}")
            return
        prop = self._property(required(body, "property", where), f"{where}.property")
        self._condition({key: each for key, each in body.items() if key not in ("property", "type")}, prop, where)

    def _condition(self, body: Json, prop: Json, where: str) -> None:
        kind = prop["type"]
        if list(body) != [kind]:
            raise invalid(f"{where}: the condition does not fit a property of type {kind}: {', '.join(body)}.")
        wanted = an_object(body[kind], f"{where}.{kind}")
        if kind not in ("select", "multi_select", "status"):
            return
        names = {option["name"] for option in prop[kind]["options"]}
        for said in wanted.values():
            for name in said if isinstance(said, list) else [said]:
                if isinstance(name, str) and name not in names:
                    raise invalid(f'{kind} option "{name}" not found for property "{prop["name"]}".')

    def _sorts(self, raw: Any, *, stamps: bool) -> Any:
        if raw is None:
            return None
        for number, each in enumerate(an_array(raw, "body.sorts", MOST)):
            where = f"body.sorts[{number}]"
            one = an_object(each, where)
            one_of(one.get("direction"), _DIRECTIONS, f"{where}.direction")
            if stamps and "timestamp" in one:
                only(one, ("timestamp", "direction"), where)
                one_of(one["timestamp"], _STAMPS, f"{where}.timestamp")
            else:
                only(one, ("property", "direction"), where)
                self._property(required(one, "property", where), f"{where}.property")
        return raw

    def _quick(self, raw: Any) -> Any:
        if raw is None:
            return None
        for key, condition in an_object(raw, "body.quick_filters").items():
            where = f"body.quick_filters.{key}"
            self._condition(an_object(condition, where), self._property(key, where), where)
        return raw

    # -- what of them, and how

    def _configuration(self, given: Json) -> Json:
        where = "body.configuration"
        one_of(given.get("type"), (self.kind,), f"{where}.type")
        if self.kind == "dashboard":
            raise wrong(where, "not present", given)
        only(given, ("type", *_KNOWN[self.kind]), where)
        if self.kind in _NEEDED:
            required(given, _NEEDED[self.kind], where)
        for keys, check in self._checks():
            for key in keys:
                if given.get(key) is not None:
                    check(given[key], f"{where}.{key}")
        return given

    def _checks(self) -> Iterable[tuple[tuple[str, ...], Callable[[Any, str], object]]]:
        return (
            (_GROUPS, self._grouping),
            (_LISTS, self._columns),
            (_IDS, self._property),
            (_HOLDERS, self._holder),
        )

    def _columns(self, raw: Any, where: str) -> None:
        for number, each in enumerate(an_array(raw, where, MOST)):
            one = an_object(each, f"{where}[{number}]")
            only(one, _COLUMN, f"{where}[{number}]")
            self._property(required(one, "property_id", f"{where}[{number}]"), f"{where}[{number}].property_id")
            width = one.get("width")
            if width is not None and (not isinstance(width, int) or width < 1):
                raise wrong(f"{where}[{number}].width", "≥ `1`", width)

    def _grouping(self, raw: Any, where: str) -> None:
        body = an_object(raw, where)
        only(body, _GROUP, where)
        prop = self._property(required(body, "property_id", where), f"{where}.property_id")
        kind = {"people": "person", "title": "text", "rich_text": "text", "url": "text", "email": "text"}
        if body.get("type") not in (prop["type"], kind.get(prop["type"])):
            raise wrong(f"{where}.type", f'`"{kind.get(prop["type"], prop["type"])}"`', body.get("type"))
        if body["type"] != "formula":
            sort = an_object(required(body, "sort", where), f"{where}.sort")
            one_of(sort.get("type"), ("manual", *_DIRECTIONS), f"{where}.sort.type")

    def _holder(self, raw: Any, where: str) -> None:
        """What names a property in itself, or none."""
        body = an_object(raw, where)
        if where.endswith(".cover"):
            kind = one_of(body.get("type"), ("page_cover", "page_content", "property"), f"{where}.type")
            if kind == "property":
                required(body, "property_id", where)
        for key in ("property_id", "toggle_column_id"):
            if body.get(key) is not None:
                self._property(body[key], f"{where}.{key}")
