#!/usr/bin/env bash
# Test each recipe of docs/recipes in an environment of its own, one after another: tests/recipes/recipes.sh [NAME]...
# What is installed stays in .recipes/NAME; remove that folder to begin anew.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
failed=
if [ $# -eq 0 ]; then
    set -- tests/recipes/*.txt
fi
for given in "$@"; do
    name=$(basename "$given" .txt)
    folder=.recipes/$name
    needs=tests/recipes/$name.txt
    if [ ! -e "$folder/ready" ] || [ "$needs" -nt "$folder/ready" ] || [ setup.cfg -nt "$folder/ready" ]; then
        echo "$name: installing"
        "$python" -m venv "$folder"
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable . pytest -r "$needs"
        touch "$folder/ready"
    fi
    echo "$name:"
    "$folder/bin/python" -m pytest --quiet -c tests/recipes/pytest.ini --rootdir . --confcutdir tests/recipes \
        "tests/recipes/test_$name.py" || failed="$failed $name"
done
if [ -n "$failed" ]; then
    echo "failed:$failed"
    exit 1
fi
