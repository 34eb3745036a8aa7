"""What the attributes of an attrs class are as keys of a configuration: name, type, default and meaning.

The meaning of a key is the text below its attribute, so that a class says everything once: for the reference, the
schema, ``config show`` and ``plugins info``.
"""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import attrs
from attrs import frozen

from notion_sync_core.described import texts_of
from notion_sync_core.errors import PluginError
from notion_sync_core.hints import PERMITTED, strange
from notion_sync_core.secret import SECRET_KEYS, Secret


@frozen(eq=False)
class Key:
    """One key."""

    name: str
    hint: Any
    """Its type, as the class says it."""
    default: Any
    """A plain value, or ``attrs.NOTHING``: it must be given, or is made of other keys."""
    attribute: attrs.Attribute[Any]
    owner: type
    """The class whose key it is."""

    @property
    def doc(self) -> str:
        """One paragraph; empty if nobody wrote one. The source is looked at when somebody asks: runs never do."""
        return texts_of(self.owner).get(self.name, "")

    @property
    def is_secret(self) -> bool:
        """Whether it may only say where a secret is, never what it is."""
        return self.name in SECRET_KEYS or Secret in (self.hint, *get_args(self.hint))


def keys_of(kind: Any) -> list[Key]:
    """The keys that an attrs class has, in its order; none of another class.

    :raises PluginError: a type that is written there cannot be found.
    """
    if not attrs.has(kind):
        return []
    try:
        hints = get_type_hints(kind, include_extras=True)
    except (NameError, TypeError) as error:
        raise PluginError(f"the options of {kind.__qualname__} cannot be understood: {error}") from error
    return [
        Key(each.name, hints.get(each.name, Any), _default(each), each, kind)
        for each in attrs.fields(kind)
        if each.init and not each.name.startswith("_")
    ]


def expect_types(kind: Any, who: str) -> None:
    """Make sure that the options of a plugin are of types that a configuration can say.

    :param who: the plugin, for messages: its name, distribution and version.
    :raises PluginError: one is not.
    """
    for key in keys_of(kind):
        for remark in strange(key.hint):
            raise PluginError(
                f"{who}: its option {key.name} has a type that options cannot have: {remark}",
                f"Report this to the plugin's authors. Options may be {PERMITTED}; an attribute that is no option "
                "begins with an underscore.",
            )


def summary_of(kind: Any) -> str:
    """The first paragraph of what is written about a class or function."""
    import inspect

    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def _default(attribute: attrs.Attribute[Any]) -> Any:
    found: Any = attribute.default
    if isinstance(found, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if found.takes_self else found.factory()
    return found
