"""Mistakes of a new user: each has a message, a remedy and its exit status, and JSON for programs that asked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from attrs import field, frozen

from shell import Shell


@frozen
class Mistake:
    """What somebody typed, and what has to be said."""

    arguments: str
    """Apart by blanks; ``''`` stands for an empty one."""
    code: int
    message: str
    remedy: str
    environ: Mapping[str, str | None] = field(factory=dict)
    file: str | bytes = ""
    """What ``job.toml`` holds."""

    def typed(self) -> list[str]:
        """The arguments."""
        return ["" if part == "''" else part for part in self.arguments.split()]


def setting(key: str, value: str, message: str, remedy: str = "Correct it") -> Mistake:
    """``--set`` with a value that does not fit."""
    return Mistake(f"export --set {key}={value}", 2, message, remedy)


def place(to: str, message: str, remedy: str) -> Mistake:
    """A place that is not meant."""
    return Mistake(f"export --to {to}", 2, message, remedy)


def configured(text: str | bytes, message: str, remedy: str, code: int = 2) -> Mistake:
    """A mistake in a configuration file."""
    return Mistake("export --config job.toml", code, message, remedy, file=text)


MISTAKES = {
    # the token
    "no token": Mistake("export", 4, "no Notion token", "export NOTION_TOKEN", {"NOTION_TOKEN": None}),
    "an empty token": Mistake("export", 4, "no Notion token", "export NOTION_TOKEN", {"NOTION_TOKEN": " "}),
    "a wrong token": Mistake("export", 4, "does not accept the token", "new token", {"NOTION_TOKEN": "ntn_wrong"}),
    "a token with a space": Mistake("export", 4, "spaces", "without quotes", {"NOTION_TOKEN": "ntn wrong"}),
    "the token in place of its variable": setting("notion.token_env", "ntn_canary12345", "not the token itself"),
    "the token on the command line": setting("notion.token", "ntn_canary12345", "must not hold", "NOTION_TOKEN"),
    "the token in the file": configured(
        '[notion]\ntoken = "ntn_canary12345"', "must not hold a secret", "NOTION_TOKEN"
    ),
    "a token file that is not there": Mistake(
        "export --set notion.token_file=nowhere", 2, "cannot be read", "Check the path", {"NOTION_TOKEN": None}
    ),
    # commands and options
    "an unknown command": Mistake("exprot", 2, "Did you mean 'export'?", "--help"),
    "no command of a group": Mistake("config shwo", 2, "No such command", "--help"),
    "an unknown option": Mistake("export --renderr json", 2, "--renderer", "--help"),
    "--dry-run": Mistake("sync --dry-run", 2, "notion-sync plan", "--help"),
    "-n": Mistake("export -n", 2, "notion-sync plan", "--help"),
    "an option without its value": Mistake("export --to", 2, "looks like an option", "Name a folder"),
    "an unknown kind of progress": Mistake("export --progress fancy", 2, "'plain'", "--help"),
    "a limit that is no number": Mistake("export --max-requests many", 2, "not a valid integer", "--help"),
    "a limit below zero": Mistake("export --max-duration -1", 2, "not in the range", "--help"),
    "an unknown form of log": Mistake("export --log-format yaml", 2, "'json'", "--help"),
    "a setting without a value": Mistake("export --set performance.workers", 2, "KEY=VALUE", "For example"),
    "templates of a renderer that has none": Mistake("templates copy look --renderer json", 2, "templates", "html"),
    # plugins
    "an unknown renderer": Mistake("export --renderer markdwon", 2, "markdwon", "Did you mean 'markdown'?"),
    "an empty renderer": Mistake("export --renderer ''", 2, "plugin names", "Correct it"),
    "an unknown source": Mistake("export --source noton", 2, "noton", "Did you mean 'notion'?"),
    "a renderer twice": Mistake("export --renderer json --renderer json", 2, "used twice", "name of its own"),
    "an unknown listener": setting("monitoring.listeners", "consol", "no listener named", "Did you mean 'console'?"),
    "a table of no plugin": configured("[plugins.markdwon]\ncsv = true", "plugins.markdwon", "Did you mean"),
    "an option of no plugin": setting("plugins.fs.pth", "x", "plugins.fs.pth", "Did you mean 'plugins.fs.path'?"),
    "an option's wrong value": setting("plugins.markdown.dialect", "word", "one of 'gfm', 'obsidian'", "'gfm'"),
    "an option's wrong type": setting("plugins.markdown.csv", "perhaps", "true or false", "is true"),
    "values of a list that are none": setting("plugins.markdown.metadata", '["when"]', "any of 'id', 'url'"),
    "templates that are not there": Mistake(
        "export --renderer html --set plugins.html.templates=nowhere", 2, "does not exist", "templates copy"
    ),
    "a demo into a bucket": Mistake("demo --to s3://bucket", 2, "is no folder", "--to"),
    "an unknown renderer of the demo": Mistake("demo --renderer htm", 2, "htm", "Did you mean 'html'?"),
    # places
    "an empty place": place("''", "empty", "Name a folder"),
    "a scheme in capitals": place("S3://bucket/x", "looks like a URL", "s3://bucket/x"),
    "a scheme without slashes": place("s3:bucket/x", "looks like a URL", "s3://bucket/x"),
    "a folder of another machine": place("file://host/x", "no folder of this machine", "file:///folder"),
    "a file URL of nothing": place("file://", "no folder of this machine", "file:///folder"),
    "a machine": place("nas:/backup", "looks like a URL", "./nas:/backup"),
    "a sink that nobody wrote yet": place("tarball:x", "looks like a URL", "plugins list"),
    "a sink that is not installed": place("gs://bucket", "no sink for gs://", "Install the package"),
    "a sink that is called otherwise": place("s33://bucket", "no sink for s33://", "Did you mean s3://?"),
    "a bucket's name that is none": place("s3://b", "s3://BUCKET/PREFIX", "environment"),
    "a variable in braces": place("${HOME}/x", "${HOME} is not replaced", "Correct it"),
    "a variable": place("$HOME/x", "$HOME is not replaced", "Correct it"),
    "the home of nobody": place("~nobody-here/x", "~nobody-here", "Correct it"),
    "one place twice": Mistake("export --to out --to ./out", 2, "two sinks write to", "place of its own"),
    "a folder that cannot be made": Mistake("export --to /proc/out", 6, "/proc/out", "Choose another folder"),
    "a file in place of the folder": Mistake(
        "export --to job.toml", 6, "job.toml is no folder", "Choose another folder", file="# a file"
    ),
    "a folder below a file": Mistake(
        "export --to job.toml/out", 6, "job.toml is no folder", "Choose another folder", file="# a file"
    ),
    "the state inside a sink": Mistake(
        "export --to . --set deployment.state_dir=state", 2, "lies inside", "deployment.state_dir"
    ),
    "a file in place of the state": Mistake(
        "export --set deployment.state_dir=job.toml", 6, "job.toml", "deployment.state_dir", file="# a file"
    ),
    # keys and values
    "a misspelt key": setting("performance.workres", "4", "workres", "Did you mean 'performance.workers'?"),
    "a misspelt section": setting("performence.workers", "4", "performence", "Did you mean 'performance'?"),
    "a misspelt variable": Mistake(
        "export", 2, "NOTION_SYNC_PERFORMANCE__WORKRES", "workers", {"NOTION_SYNC_PERFORMANCE__WORKRES": "4"}
    ),
    "a wrong type": setting("performance.workers", "many", "expected a whole number", "the default is 8"),
    "no workers": setting("performance.workers", "0", "a number above 0", "the default is 8"),
    "a share above one": setting("export.max_delete", "25", "a number from 0 to 1", "0.25"),
    "a share in percent": setting("export.max_delete", "25%", "expected a number", "0.25"),
    "an unknown way with edits": setting("export.on_edit", "ask", "one of 'keep', 'overwrite'", "'keep'"),
    "an id with a blank": setting("export.id", "my/job", "letters, digits"),
    "no renderers": setting("export.renderers", "[]", "at least one"),
    "an address without a scheme": setting("notion.base_url", "api.notion.com", "https://api.notion.com"),
    "an address with a password": setting("notion.base_url", "https://me:canary12345@x.example", "without user name"),
    # files
    "a file that is not there": Mistake("export --config nowhere.toml", 2, "does not exist", "--config"),
    "a folder in place of the file": Mistake("export --config home", 2, "home cannot be read", "Check the path"),
    "a file that is no TOML": configured("[export\n", "not valid TOML", "Correct that line"),
    "a file that is no UTF-8": configured(b'[export]\nid = "\xff"', "not valid TOML", "Correct that line"),
    "a key outside of every section": configured("workers = 4", "workers", "Known: "),
    "a text in place of a list": configured('[export]\nroots = "x"', "expected a list of texts", "Correct it"),
    "a value in place of a section": configured("export = 3", "expected a table", "Correct it"),
    # roots and the network
    "a root that is no id": Mistake("export hello", 2, "neither a Notion id nor a Notion URL", "Copy the link"),
    "a root that is another site": Mistake("export https://example.org/", 2, "neither a Notion id", "Copy the link"),
    # How long it is waited for is told by tests of the gate, whose time is fake.
    "a server that is down": Mistake(
        "export",
        7,
        "does not answer",
        "Check the network",
        {
            "NOTION_SYNC_NOTION__BASE_URL": "http://127.0.0.1:9",
            "NOTION_SYNC_PERFORMANCE__MAX_ATTEMPTS": "2",
            "NOTION_SYNC_PERFORMANCE__BREAKER_THRESHOLD": "2",
        },
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_remedy_number_and_as_json(shell: Shell, name: str) -> None:
    mistake = MISTAKES[name]
    if mistake.file:
        text = mistake.file
        (shell.folder / "job.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = shell(*mistake.typed(), "--json", **mistake.environ)
    assert done.returncode == mistake.code, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["exit"] == mistake.code
    assert mistake.message in error["message"]
    assert mistake.remedy in error["remedy"] + error["message"]
    for text in (error["message"], error["remedy"]):
        assert text.strip()
        assert ".." not in text.replace("...", "").replace("../", "")
        assert not [inside for inside in ("Attribute(", "validator", "<class") if inside in text]
    people = done.stderr
    assert mistake.message in people
    assert len(people.splitlines()) <= 8
    assert "canary12345" not in people + done.stdout
    assert ": 0 of 0" not in people


def test_there_are_sixty_of_them() -> None:
    assert len(MISTAKES) >= 60
