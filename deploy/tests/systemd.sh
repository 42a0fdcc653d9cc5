#!/usr/bin/env bash
# Checks the units' syntax, that their exposure is at most 3.0, and that none writes a core dump. Needs
# systemd 250 or newer; it need not run.
set -euo pipefail
cd "$(dirname "$0")/../systemd"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# `verify` needs existing programs; any will do.
cp ./*.service "$dir"
sed -i 's#/usr/local/lib/bukza-bridge/[a-z-]*#/bin/true#' "$dir"/*.service
failed=0
# Each program has an account and a file of secrets of its own.
for program in ingest@ worker@ migrate; do
    for line in "User=bukza-${program%@}" "EnvironmentFile=-/etc/bukza-bridge/${program%@}.env"; do
        grep -qx "$line" "bukza-bridge-$program.service" || { echo "$program lacks $line"; failed=1; }
    done
done
for unit in "$dir"/*.service; do
    output=$(systemd-analyze verify --man=no "$unit" 2>&1) || failed=1
    [ -z "$output" ] || { echo "$output"; failed=1; }
    if systemd-analyze security --offline=true --threshold=30 "$unit" > "$dir/report"; then
        tail -n 1 "$dir/report"
    else
        cat "$dir/report"
        failed=1
    fi
    grep -qx LimitCORE=0 "$unit" || { echo "${unit##*/} may write a core dump with the secrets"; failed=1; }
done
exit "$failed"
