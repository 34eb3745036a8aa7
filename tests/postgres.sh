#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, in a temporary folder: postgres.sh COMMAND…
# What is missing comes from Debian's packages. NOTION_SYNC_TEST_DESK tells the command where it is.
set -euo pipefail

bin() { command -v pg_ctl >/dev/null && dirname "$(readlink -f "$(command -v pg_ctl)")" && return; ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
if [ -z "$(bin)" ]; then
    apt-get install -qq -y --no-install-recommends postgresql >/dev/null || {
        apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql >/dev/null
    } || { echo "test-fleet needs PostgreSQL; install it and try again." >&2; exit 1; }
fi
bin=$(bin)
folder=$(mktemp -d)
# PostgreSQL does not run as root.
as=()
if [ "$(id -u)" = 0 ]; then
    owner=$(id -un postgres 2>/dev/null || echo nobody)
    chown "$owner" "$folder"
    as=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
fi
run() { (cd "$folder" && "${as[@]}" "$@"); }
stop() { run "$bin/pg_ctl" --silent --mode=immediate --pgdata="$folder/data" stop || true; rm -rf "$folder"; }
trap stop EXIT
run "$bin/initdb" --pgdata="$folder/data" --username=fleet --auth=trust --encoding=UTF8 --locale=C >/dev/null
# No port: a socket in the folder, which nobody else knows.
run "$bin/pg_ctl" --silent --wait --pgdata="$folder/data" --log="$folder/log" \
    --options="-c listen_addresses='' -c unix_socket_directories='$folder'" start >/dev/null
export NOTION_SYNC_TEST_DESK="host=$folder user=fleet dbname=postgres"
"$@"
