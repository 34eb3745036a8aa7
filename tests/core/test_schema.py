"""The JSON Schema of the configuration: what the loader takes it takes, and what the loader refuses it refuses."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from attrs import field, frozen, validators
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from code_blocks import blocks_of
from notion_sync_core import Job
from notion_sync_core.config.keys import keys_of
from notion_sync_core.config.lines import line_of, lines_of
from notion_sync_core.config.renamed import Renamed
from notion_sync_core.config.schema import of_type, table
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.errors import ConfigError, NotionSyncError
from notion_sync_core.hints import type_in_words
from notion_sync_core.plugin import FilePath, Secret
from notion_sync_core.plugins.find import KINDS, available, find, load, options_class
from notion_sync_core.plugins.schema import file_schema
from notion_sync_core.structure import shown, structure
from notion_sync_fs import FileSystemSink
from notion_sync_markdown import MarkdownRenderer

ROOT = Path(__file__).parent.parent.parent
SCHEMA = file_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
KEYS = [f"{name}.{key.name}" for name, section in SECTIONS.items() for key in keys_of(section)]
VALUES: list[Any] = [
    *("", "text", "two words", "ntn_abc", "title", "slug", "keep", "delete", "overwrite", "json", "fs", "notion"),
    *(
        "https://example.org",
        "https://me@example.org",
        "http://",
        "a/b",
        "../up",
        "${HOME}/x",
        "s3://bucket/x",
        "x" * 70,
    ),
    *(-1, 0, 1, 7, 0.5, 1.5, -0.5, True, False, [], ["text"], ["markdown"], ["fs"], ["console"], [1], [True], [[]]),
    *({}, {"use": "fs"}, {"Status": ["Done"]}, {"Status": "Done"}, {"Status": []}, {"Status": {}}, {"": "x"}),
    *([{"use": "json"}], [{"use": "json", "rows": 3}], [{"use": "json", "rowss": True}], [{"name": "x"}], [""]),
    *([{"use": "fs", "path": "x"}], [{"url": "file:///x"}], [{"url": "ftp://x"}], [{"use": "console", "style": "bar"}]),
]


def toml(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


def written(tree: dict[str, Any]) -> str:
    """Sections in TOML."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in keys.items())
        for name, keys in tree.items()
    )


def refused(file: Path, tree: dict[str, Any]) -> str:
    """Why a run refuses a configuration; empty if it takes it."""
    file.write_text(written(tree), "utf-8")
    try:
        job = Job.load(file, environ={"NOTION_TOKEN": "x"})
        chosen = {key for keys in tree.values() for key in keys}
        if "source" in chosen:
            find("sources", job.config.export.source)
        for kind in chosen & {"renderers", "sinks", "listeners"}:
            getattr(job, kind)()
    except ConfigError as error:
        return str(error)
    return ""


def is_valid(tree: dict[str, Any]) -> bool:
    return bool(VALIDATOR.is_valid(tomllib.loads(written(tree))))


# -- what it says


def test_it_is_a_schema_that_says_each_key_with_its_meaning_and_default() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for dotted in KEYS:
        section, _, name = dotted.partition(".")
        found = SCHEMA["properties"][section]["properties"][name]
        assert found["description"].endswith("."), dotted
        assert "default" in found, dotted
        assert found.keys() & {"type", "enum"}, dotted
        assert SCHEMA["properties"][section]["additionalProperties"] is False


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "commands"])
def test_the_options_of_every_installed_plugin_are_in_it_with_their_meaning(kind: str) -> None:
    for plugin in available(kind):
        found = SCHEMA["$defs"][f"{kind}.{plugin.name}"]
        assert found["properties"].keys() == {key.name for key in keys_of(load(plugin))}
        assert all(each["description"] for each in found["properties"].values()), plugin
        assert plugin.name in SCHEMA["properties"]["plugins"]["properties"]


def test_a_key_with_another_name_now_is_in_it_as_deprecated() -> None:
    made = file_schema(renamed={"performance.threads": Renamed("performance.workers", "0.2")})
    found = made["properties"]["performance"]["properties"]["threads"]
    assert (found["deprecated"], found["type"]) == (True, "integer")
    assert "performance.workers" in found["description"]


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@frozen
class Inner:
    """Inside."""

    depth: int = 0


@frozen
class Base:
    first: str = "a"
    """Of those before."""


@frozen
class Odd(Base):
    """Every kind of option."""

    size: Size = Size.SMALL
    word: Literal["a", "b"] = "a"
    key: Secret | None = None
    """A key."""
    folder: FilePath = ""
    few: list[int] = field(factory=list, validator=validators.deep_iterable(validators.in_([1, 2])))
    code: str = field(default="x", validator=validators.matches_re("[a-z]+"))
    many: int = field(default=1, validator=validators.and_(validators.ge(1), validators.lt(9)))
    maybe: int | None = field(default=None, validator=validators.optional(validators.gt(3)))
    own: str = field(default="", metadata=shown(maxLength=3))
    inner: Inner = Inner()
    either: int | str = 0
    anything: Any = None
    made: str = field()
    _hidden: int = field(default=0, init=False)

    @made.default
    def _made(self) -> str:
        return self.code


def test_types_and_the_usual_checks_become_words_of_the_schema() -> None:
    properties = table(Odd)["properties"]
    assert properties["first"] == {"type": "string", "default": "a", "description": "Of those before."}
    assert properties["size"] == {"enum": ["small", "large"]}
    assert properties["word"] == {"enum": ["a", "b"], "default": "a"}
    assert properties["key"]["pattern"].startswith("^(env|file|keyring)")
    assert properties["few"] == {"type": "array", "items": {"type": "integer", "enum": [1, 2]}, "default": []}
    assert properties["code"]["pattern"] == "^(?:[a-z]+)$"
    assert properties["many"] == {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "default": 1}
    assert properties["maybe"] == {"type": "integer", "exclusiveMinimum": 3}
    assert properties["own"]["maxLength"] == 3
    assert properties["inner"]["properties"]["depth"]["type"] == "integer"
    assert properties["either"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    assert properties["anything"] == {}
    assert properties["made"] == {"type": "string"}
    assert "_hidden" not in properties
    assert table(print)["properties"] == {}
    assert of_type(dict[str, int]) == {"type": "object", "additionalProperties": {"type": "integer"}}


def test_types_are_said_in_words() -> None:
    said = {key.name: type_in_words(key.hint) for key in keys_of(Odd)}
    assert said == {
        "first": "text",
        "size": "one of 'small', 'large'",
        "word": "one of 'a', 'b'",
        "key": "reference to a secret",
        "folder": "path",
        "few": "list of whole numbers",
        "code": "text",
        "many": "whole number",
        "maybe": "whole number",
        "own": "text",
        "inner": "table",
        "either": "whole number or text",
        "anything": "any value",
        "made": "text",
    }


def test_a_class_without_its_source_has_keys_without_meaning() -> None:
    scope: dict[str, Any] = {"__name__": "nowhere", "frozen": frozen}
    exec("@frozen\nclass Bare:\n    size: int = 3\n    'Lost.'\n", scope)
    assert [(key.name, key.default, key.doc) for key in keys_of(scope["Bare"])] == [("size", 3, "")]


def test_a_plugin_that_cannot_be_loaded_may_have_any_options_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from notion_sync_core.errors import PluginError
    from notion_sync_core.plugins import schema

    def broken(plugin: Any) -> Any:
        if plugin.name == "json":
            raise PluginError("the renderer 'json' cannot be imported")
        return options_class(plugin)

    monkeypatch.setattr(schema, "options_class", broken)
    told: list[NotionSyncError] = []
    made = file_schema(told.append)
    assert [error.message for error in told] == ["the renderer 'json' cannot be imported"]
    assert Draft202012Validator(made).is_valid({"plugins": {"json": {"whatever": 3}}})


# -- it and the loader are of one opinion


KNOWN_TO_THE_LOADER_ALONE = {"deployment.timezone"}
"""What these may say stands in no schema."""


@pytest.mark.parametrize("key", KEYS)
def test_each_value_of_each_key_is_taken_by_both_or_refused_by_both(key: str, tmp_path: Path) -> None:
    section, _, name = key.partition(".")
    for value in VALUES:
        tree = {section: {name: value}}
        why = refused(tmp_path / "job.toml", tree)
        if why and key in KNOWN_TO_THE_LOADER_ALONE and isinstance(value, str):
            continue
        assert is_valid(tree) == (not why), f"{key} = {value!r}: {why or 'taken'}"


OPTIONS = [("renderers", "markdown"), ("renderers", "html"), ("renderers", "json"), ("sinks", "fs")]
OPTIONS += [("sinks", "s3"), *(("listeners", each.name) for each in available("listeners"))]


@pytest.mark.parametrize(("kind", "use"), OPTIONS)
def test_a_plugins_option_of_a_wrong_type_is_refused_by_both(kind: str, use: str) -> None:
    plugin = load(find(kind, use))
    more = {"bucket": "bucket"} if use == "s3" else {}
    section = "monitoring" if kind == "listeners" else "export"
    for key, value in itertools.product(keys_of(plugin), VALUES):
        options = {**more, key.name: value}
        why = ""
        try:
            structure(plugin, options, f"plugins.{use}", {})
        except ConfigError as error:
            why = str(error)
        is_type = re.search(r"expected (a list of )?(texts?|true or false|a table|a (whole )?number)\n", why)
        if why and not is_type:
            continue
        assert is_valid({f"plugins.{use}": options}) == (not why), f"{key.name} = {value!r}: {why}"
        if key.name != "name":
            assert is_valid({section: {kind: [{"use": use, **options}]}}) == (not why), f"{key.name} = {value!r}: {why}"


def test_what_no_key_is_called_is_refused_by_both(tmp_path: Path) -> None:
    for tree in (
        *({section: {"no_key": 1}} for section in SECTIONS),
        {"no_section": {"x": 1}},
        {"export": {"renderers": ["markdown"]}, "plugins.markdown": {"no_key": 1}},
        {"export": {"renderers": [{"use": "markdown", "no_key": 1}]}},
        {"export": {"renderers": [{"use": "no_plugin"}]}},
        {"export": {"renderers": ["no_plugin"]}},
        {"export": {"sinks": ["no_plugin://x"]}},
        {"export": {"source": "no_plugin"}},
    ):
        assert refused(tmp_path / "job.toml", tree), tree
        assert not is_valid(tree), tree


_TEXT = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=4)
_ANY = st.one_of(st.booleans(), st.integers(-5, 1000), _TEXT, st.lists(_TEXT, max_size=2))
_SECTION = st.sampled_from(sorted(SECTIONS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.dictionaries(st.sampled_from([key.name for key in keys_of(SECTIONS[name])]), _ANY, max_size=4),
    )
)


@settings(max_examples=60)
@given(st.lists(_SECTION, max_size=3, unique_by=lambda each: each[0]))
def test_whatever_the_loader_takes_is_valid(sections: list[tuple[str, dict[str, Any]]]) -> None:
    from tempfile import TemporaryDirectory

    tree = dict(sections)
    with TemporaryDirectory() as folder:
        why = refused(Path(folder) / "job.toml", tree)
    if not any(key in why for key in KNOWN_TO_THE_LOADER_ALONE):
        assert is_valid(tree) == (not why), why


# -- the documentation's examples


def examples() -> Iterator[tuple[str, str]]:
    """Blocks of the documentation that are configurations."""
    starts = re.compile(rf"\s*\[(?:{'|'.join(SECTIONS)}|plugins\.[a-z0-9]+)\]")
    for page in sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]):
        text = page.read_text("utf-8")
        for number, block in enumerate(filter(starts.match, (block.text for block in blocks_of(text)))):
            yield f"{page.name}-{number}", block


EXAMPLES = dict(examples())


def test_there_are_examples_in_the_documentation() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_in_the_documentation_is_valid(name: str) -> None:
    found = [error.message for error in VALIDATOR.iter_errors(tomllib.loads(EXAMPLES[name]))]
    assert found == []


# -- lines


def test_every_key_has_its_line() -> None:
    text = """# a comment with a = 1
[export]  # [performance]
roots = [
    "a = b",
    'c = d',
]
only.Status = ["x"]
"renderers" = ["json"]

[plugins."my plugin"]
text = \"\"\"
workers = 3
[performance]
\"\"\"
other = '''
workers = 4'''
[performance]
workers = 5
[[export.sinks]]
use = "fs"
"""
    tomllib.loads(text)
    assert lines_of(text) == {
        "export": 2,
        "export.roots": 3,
        "export.only": 7,
        "export.only.Status": 7,
        "export.renderers": 8,
        "plugins": 10,
        "plugins.my plugin": 10,
        "plugins.my plugin.text": 11,
        "plugins.my plugin.other": 15,
        "performance": 17,
        "performance.workers": 18,
        "export.sinks": 19,
        "export.sinks.use": 20,
    }
    assert line_of("export.only.Other", lines_of(text)) == 7
    assert line_of("nothing", lines_of(text)) == 0


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,3}", fullmatch=True), st.booleans()), unique_by=lambda each: each[0]))
def test_lines_are_those_in_which_keys_were_written(keys: list[tuple[str, bool]]) -> None:
    lines, expected = ["[table]"], {"table": 1}
    for key, is_long in keys:
        lines.append(f"# {key} = 0")
        expected[f"table.{key}"] = len(lines) + 1
        lines += [f"{key} = '''", *(f"{other} = 1" for other, _ in keys), "[table]'''"] if is_long else [f"{key} = 1"]
    tomllib.loads("\n".join(lines))
    assert lines_of("\n".join(lines)) == expected


def test_options_of_plugins_are_attributes_alone() -> None:
    assert {key.name for key in keys_of(FileSystemSink)} == {"path", "fsync"}
    assert attrs.fields_dict(MarkdownRenderer).keys() >= {key.name for key in keys_of(MarkdownRenderer)}
