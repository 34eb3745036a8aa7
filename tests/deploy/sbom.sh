#!/bin/sh
# Writes what is installed with the program, as CycloneDX JSON: tests/deploy/sbom.sh PYTHON FILE
# PYTHON has cyclonedx-py beside it; the program is installed into an environment of its own, as the image does.
set -eu
python=$1
file=$2
project=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
extras=$(sed -n 's/^ARG EXTRAS=//p' "$project/deploy/Dockerfile")
# Built from a copy, so that nothing of it is left in the tree.
(cd "$project" && tar cf - --exclude='*.pyc' --exclude='*.egg-info' setup.cfg pyproject.toml README.md LICENSE notion_sync_core plugins) \
    | (mkdir "$place/tree" && cd "$place/tree" && tar xf -)
"$python" -m venv --without-pip "$place/venv"
"$python" -m pip --python "$place/venv/bin/python" install --quiet --disable-pip-version-check "$place/tree[$extras]"
mkdir -p "$(dirname "$file")"
"$(dirname "$python")/cyclonedx-py" environment --output-reproducible --of JSON --output-file "$file" "$place/venv/bin/python"
