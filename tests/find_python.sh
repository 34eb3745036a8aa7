#!/bin/sh
# Prints a Python of the version that is asked for (3.12), from the path or from pyenv; fails if there is none.
for each in "$(command -v "python$1")" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
    # pyenv puts a stand-in on the path for versions that are not the chosen one: it has to start.
    if [ -x "$each" ] && "$each" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
        echo "$each"
        exit 0
    fi
done
exit 1
