"""Why faults of built-ins survive their exam: what somebody found who looked."""

from __future__ import annotations

from kit.faults import Site, source_of

_REASONS: dict[tuple[str, str, str], str] = {}
"""By module, the line as it stands there, and the fault: what moved in its file is still the same."""


def reason(site: Site) -> str:
    """Why that fault survives; ``""``: nobody has looked."""
    line = source_of(site.module).splitlines()[site.line - 1].strip()
    return _REASONS.get((site.module, line, site.what), "")
