#!/usr/bin/env bash
# Runs a command beside real disks that take two names for one: disks.sh COMMAND…
# exFAT and NTFS through FUSE, ext4 that folds case where the kernel can; each in a file of its own, gone afterwards.
# NOTION_SYNC_DISKS tells the command where they are: exfat=FOLDER,ntfs=FOLDER,…
# Wants to be root (mount). Installs Debian's packages if they are missing.
set -euo pipefail

if ! command -v mount.exfat-fuse >/dev/null || ! command -v mkfs.exfat >/dev/null || ! command -v lowntfs-3g >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends exfat-fuse exfatprogs ntfs-3g e2fsprogs >/dev/null
fi

R=$(mktemp -d)
loops=()
stop() {
    for name in exfat ntfs ext4; do
        umount "$R/$name" 2>/dev/null || true
    done
    for loop in "${loops[@]}"; do
        losetup --detach "$loop" 2>/dev/null || true
    done
    rm -rf "$R"
}
trap stop EXIT
trap 'exit 130' INT TERM

image() { # NAME: a file for a disk, and the folder where it is mounted
    mkdir -p "$R/$1"
    truncate --size 256M "$R/$1.image"
}

found=()
image exfat
mkfs.exfat "$R/exfat.image" >/dev/null
if loop=$(losetup --find --show "$R/exfat.image" 2>/dev/null); then
    loops+=("$loop")
    mount.exfat-fuse "$loop" "$R/exfat" >/dev/null 2>&1 && found+=("exfat=$R/exfat")
fi
image ntfs
mkfs.ntfs --force --quick "$R/ntfs.image" >/dev/null 2>&1
lowntfs-3g -o ignore_case,windows_names "$R/ntfs.image" "$R/ntfs" 2>/dev/null && found+=("ntfs=$R/ntfs")
image ext4
mkfs.ext4 -q -O casefold "$R/ext4.image"
if mount -o loop "$R/ext4.image" "$R/ext4" 2>/dev/null; then
    chattr +F "$R/ext4" && found+=("ext4=$R/ext4")
fi

NOTION_SYNC_DISKS=$(IFS=,; echo "${found[*]}")
export NOTION_SYNC_DISKS
echo "disks: ${NOTION_SYNC_DISKS:-none could be mounted here}"
"$@"
