#!/usr/bin/env bash
# Runs a command beside a small Debian and the tools that run it: debian.sh COMMAND…
# NOTION_SYNC_DEPLOY tells the command the folder: debian.tar is the system, pip.conf and certificates.crt what pip needs in it.
# It stands in for images that a registry would give. As root; installs Debian's packages if they are missing.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need podman podman
need runc runc
need mmdebstrap mmdebstrap
need systemd-nspawn systemd-container
need shellcheck shellcheck
need promtool prometheus
if ((${#missing[@]})); then
    echo "Installing ${missing[*]} with apt-get" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
        echo "test-deploy needs ${missing[*]}; install them and try again." >&2
        exit 1
    }
fi

R=$(mktemp -d)
trap 'rm -rf "$R"' EXIT
trap 'exit 130' INT TERM

sources=()
for each in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    if [ -s "$each" ]; then sources+=("$each"); fi
done
mmdebstrap --quiet --variant=minbase --mode=root --skip=cleanup/apt/lists \
    --include=python3,python3-venv,python3-pip,ca-certificates,systemd,systemd-sysv,dbus,sudo,curl \
    bookworm "$R/debian.tar" "${sources[@]}" 2>"$R/log" || {
    tail -20 "$R/log" >&2
    exit 1
}

# Pip in there reaches the index as pip here does.
python3 - "$R" <<'P'
import os, pathlib, shutil, ssl, subprocess, sys

place = pathlib.Path(sys.argv[1])
shutil.copy(os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile, place / "certificates.crt")
lines = ["[global]", "cert = /etc/ssl/certs/ca-certificates.crt", "disable-pip-version-check = true"]
for key in ("index-url", "timeout"):
    said = subprocess.run([sys.executable, "-m", "pip", "config", "get", f"global.{key}"], capture_output=True, text=True)
    if said.returncode == 0:
        lines.append(f"{key} = {said.stdout.strip()}")
(place / "pip.conf").write_text("\n".join(lines) + "\n")
P

echo "A Debian of $(du -m "$R/debian.tar" | cut -f1) MB after $SECONDS s" >&2
NOTION_SYNC_DEPLOY="$R" "$@"
