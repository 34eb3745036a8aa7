"""Ask the vulnerability service about every installed package: ``make audit``.

The service may be out of reach; then this says so, loudly, and does not fail. What it knows of is hard.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

ANSWERED = {
    "CVE-2025-69872": "diskcache: answered by SafeDisk, see SECURITY.md",
    "PYSEC-2026-2447": "diskcache: answered by SafeDisk, see SECURITY.md",
}
"""Advisories that we have dealt with ourselves, and how."""
COMMAND = ("pip_audit", "--local", "--skip-editable", "--format", "json", "--progress-spinner", "off", "--timeout", "5")


def judge(text: str) -> tuple[int, list[str]]:
    """From what pip-audit says to an exit status and lines for people."""
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, ["!!! THE DEPENDENCIES WERE NOT AUDITED: pip-audit gave no answer; is the network there?"]
    asked = [package for package in packages if "vulns" in package]
    skipped = [package["name"] for package in packages if "vulns" not in package]
    lines, failed = [], 0
    for package in asked:
        for found in package["vulns"]:
            names = {found["id"], *found.get("aliases", ())}
            answer = next((ANSWERED[name] for name in sorted(names & ANSWERED.keys())), "")
            failed |= not answer
            fix = ", ".join(found.get("fix_versions") or ()) or "no fixed version"
            lines.append(f"{package['name']} {package['version']}: {found['id']} ({fix}) {answer or '!!!'}".rstrip())
    if not asked:
        # It says "no known vulnerabilities" all the same.
        lines.append(
            f"!!! THE DEPENDENCIES WERE NOT AUDITED: the service knows none of {len(skipped)} packages or is away"
        )
    elif skipped:
        lines.append(f"!!! {len(skipped)} packages were not audited: {', '.join(sorted(skipped))}")
    if asked:
        lines.append(f"{len(asked)} packages audited.")
    return int(failed), lines


def main() -> int:
    """Run pip-audit."""
    if "--skip" in sys.argv or os.environ.get("AUDIT") == "skip":
        print("!!! THE DEPENDENCIES WERE NOT AUDITED: skipped as you asked.")
        return 0
    try:
        done = subprocess.run(
            [sys.executable, "-m", *COMMAND], capture_output=True, text=True, timeout=120, check=False
        )
        text = done.stdout
    except subprocess.TimeoutExpired:
        text = ""
    status, lines = judge(text)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
