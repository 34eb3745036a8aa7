#!/bin/sh
# A wheel, installed where nothing else is, passes the demo: tests/wheel.sh PYTHON [WHEEL]; without one it is built.
set -eu
python=$1
project=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
pip="$place/venv/bin/python -m pip --quiet --disable-pip-version-check"
if [ $# -gt 1 ]; then
    cp "$2" "$place"
else
    # Built from a copy, so that nothing of it is left in the tree.
    (cd "$project" && tar cf - --exclude=.git --exclude='.venv*' --exclude=.web --exclude='*.pyc' --exclude='.*_cache' \
        setup.cfg pyproject.toml README.md LICENSE notion_sync_core plugins) | (mkdir "$place/tree" && cd "$place/tree" && tar xf -)
    $pip wheel --no-deps --wheel-dir "$place" "$place/tree"
fi
$pip install "$place"/*.whl
cd "$place"
env -i PATH="$PATH" HOME="$place" LANG=C.UTF-8 "$place/venv/bin/notion-sync" demo --to "$place/out" >"$place/said" 2>&1 \
    || { cat "$place/said"; exit 1; }
[ "$(find "$place/out" -name '*.md' | wc -l)" -gt 10 ] || { echo "the demo wrote too little:"; find "$place/out"; exit 1; }
"$place/venv/bin/notion-sync" --version
