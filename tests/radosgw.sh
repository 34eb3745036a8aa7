#!/usr/bin/env bash
# Runs a command beside a real Ceph gateway: radosgw.sh COMMAND…
# The gateway lives in a folder of its own, in memory, on loopback, and ends with the command.
# NOTION_SYNC_RADOSGW tells the command its address. Installs Debian's packages if they are missing.
set -euo pipefail

if ! command -v radosgw >/dev/null || ! command -v ceph-osd >/dev/null || ! command -v ceph-mon >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ceph-mon ceph-osd radosgw >/dev/null
fi

R=$(mktemp -d)
MON=${RADOSGW_MON_PORT:-19301}
GATEWAY=${RADOSGW_PORT:-19004}
pids=()
stop() {
    # Gateway, then osd, then mon; it is all memory, so nothing is lost by force.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -9 "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    rm -rf "$R"
}
trap stop EXIT
trap 'exit 130' INT TERM

mkdir -p "$R"/{mon,osd,run,rgw}
FSID=$(cat /proc/sys/kernel/random/uuid)
OSD=$(cat /proc/sys/kernel/random/uuid)
# crc: without it the gateway waits for ever; it has no keyring.
cat >"$R/ceph.conf" <<C
[global]
fsid = $FSID
mon host = v2:127.0.0.1:$MON/0
public addr = 127.0.0.1
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms bind ipv6 = false
ms bind port min = 19310
ms bind port max = 19350
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 2
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
run dir = $R/run
log file = $R/run/\$name.log
admin socket = $R/run/\$name.asok
[mon.a]
mon data = $R/mon
mon addr = 127.0.0.1:$MON
[osd]
osd objectstore = memstore
memstore device bytes = 1073741824
osd data = $R/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$GATEWAY
rgw data = $R/rgw
rgw dns name = 127.0.0.1
C

quietly() { "$@" >>"$R/run/start.log" 2>&1 || { cat "$R/run/start.log" >&2; exit 1; }; }
until_ready() { # SECONDS COMMAND…
    local end=$((SECONDS + $1))
    shift
    until "$@" >>"$R/run/start.log" 2>&1; do
        if ((SECONDS >= end)); then
            echo "not ready: $*" >&2
            tail -20 "$R"/run/*.log >&2
            exit 1
        fi
        sleep 0.5
    done
}
ceph_conf() { timeout 10 ceph -c "$R/ceph.conf" "$@"; }

quietly monmaptool --create --fsid "$FSID" --addv a "[v2:127.0.0.1:$MON]" "$R/monmap" --clobber
quietly ceph-mon --mkfs -i a --monmap "$R/monmap" -c "$R/ceph.conf"
ceph-mon -f -i a -c "$R/ceph.conf" >>"$R/run/mon.out" 2>&1 & pids+=($!)
until_ready 60 ceph_conf osd new "$OSD" 0
# The same uuid in both places, or the osd never comes up.
quietly ceph-osd -i 0 -c "$R/ceph.conf" --mkfs --osd-uuid "$OSD"
ceph-osd -f -i 0 -c "$R/ceph.conf" >>"$R/run/osd.out" 2>&1 & pids+=($!)
osd_is_up() { ceph_conf osd stat | grep -q "1 up"; }
until_ready 60 osd_is_up
radosgw -f -n client.rgw -c "$R/ceph.conf" >>"$R/run/rgw.out" 2>&1 & pids+=($!)
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$GATEWAY"); }
until_ready 120 answers
quietly timeout 60 radosgw-admin -c "$R/ceph.conf" user create --uid=t --display-name=t --access-key=AKTEST --secret-key=SKTESTSKTEST

echo "Ceph gateway on 127.0.0.1:$GATEWAY after $SECONDS s" >&2
NOTION_SYNC_RADOSGW="http://127.0.0.1:$GATEWAY" "$@"
