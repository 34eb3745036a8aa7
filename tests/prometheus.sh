#!/usr/bin/env bash
# Runs a command where Prometheus, promtool and node exporter can be found: prometheus.sh COMMAND…
# What is missing comes from Debian's packages into .monitoring/, unpacked and not installed: no service begins.
# NOTION_SYNC_PROMETHEUS tells the command that it may start them.
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v prometheus >/dev/null && command -v promtool >/dev/null && command -v prometheus-node-exporter >/dev/null; }
export PATH="$PATH:$PWD/.monitoring/usr/bin"
if ! have; then
    mkdir -p .monitoring
    (
        cd .monitoring
        apt-get download -qq prometheus prometheus-node-exporter 2>/dev/null || {
            apt-get update -qq && apt-get download -qq prometheus prometheus-node-exporter 2>/dev/null
        } || { echo "test-monitoring needs prometheus and prometheus-node-exporter; install them and try again." >&2; exit 1; }
        for package in ./*.deb; do dpkg-deb --extract "$package" .; done
        rm -f ./*.deb
    )
    have
fi
NOTION_SYNC_PROMETHEUS=1 "$@"
