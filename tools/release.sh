#!/bin/sh
# A release, step by step (docs/releasing.md): tools/release.sh prepare|build|tag VERSION
#   prepare  the version, and the changelog from its fragments, as one commit
#   build    packages into dist/, checked and tried, with notes and checksums; what a tag's workflow runs too
#   tag      a signed tag of what is built from; pushing it publishes
set -eu
usage() { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
fail() { echo "release: $*" >&2; exit 1; }
[ $# -eq 2 ] || usage
step=$1 version=$2
cd "$(dirname "$0")/.."
python=${PYTHON:-$PWD/.venv/bin/python}
echo "$version" | grep -Eq '^[0-9]+\.[0-9]+\.[0-9]+((a|b|rc)[0-9]+)?$' || fail "'$version' is no version: 1.2.3, 1.2.3rc1"

ours() { sed -n 's/^__version__ = "\(.*\)"$/\1/p' notion_sync_core/_version.py; }
notes() { awk -v head="## $version (" 'index($0, "## ") == 1 {on = index($0, head) == 1} on' CHANGELOG.md; }
clean() { [ -z "$(git status --porcelain --untracked-files=no)" ] || fail "there are changes that are not committed"; }
untagged() { ! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null || fail "v$version is there already"; }

case $step in
prepare)
    clean
    untagged
    ls changelog.d/*.md >/dev/null 2>&1 || fail "there is nothing new in changelog.d/"
    sed -i "s/^__version__ = .*/__version__ = \"$version\"/" notion_sync_core/_version.py
    "$python" -m towncrier build --yes --version "$version"
    # What was written before there were fragments belongs to the same release.
    sed -i "s/^## $version (unreleased)\$/### Before that/" CHANGELOG.md
    [ -n "$(notes)" ] || fail "the changelog has no section of $version"
    git add notion_sync_core/_version.py CHANGELOG.md changelog.d
    git commit --quiet --message "Release $version"
    echo "Look at it (git show), have it merged, then: tools/release.sh build $version"
    ;;
build)
    [ "$(ours)" = "$version" ] || fail "the version in notion_sync_core/_version.py is $(ours): prepare it first"
    [ -n "$(notes)" ] || fail "the changelog has no section of $version: prepare it first"
    rm -rf build dist
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) "$python" -m build --no-isolation --outdir dist . >dist.log 2>&1 \
        || { cat dist.log; rm -f dist.log; fail "it cannot be built"; }
    rm -rf dist.log build
    "$python" -m twine check --strict dist/*.whl dist/*.tar.gz
    tests/wheel.sh "$python" dist/*.whl
    notes >dist/NOTES.md
    (cd dist && sha256sum -- *.whl *.tar.gz >SHA256SUMS)
    ls -l dist
    ;;
tag)
    clean
    untagged
    [ "$(ours)" = "$version" ] || fail "the version in notion_sync_core/_version.py is $(ours)"
    [ "$(git rev-parse --abbrev-ref HEAD)" = main ] || fail "releases are tagged on main"
    [ -f dist/NOTES.md ] || fail "it was not built and tried: tools/release.sh build $version"
    git tag --sign "v$version" --message "Release $version" --message "$(sed 1d dist/NOTES.md)" --cleanup=whitespace
    git tag --verify "v$version" >/dev/null
    echo "Publish it: git push origin v$version"
    ;;
*) usage ;;
esac
