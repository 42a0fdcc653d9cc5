#!/usr/bin/env bash
# Checks the units' syntax, and that their exposure is at most 3.0. Needs systemd 250 or newer; it need
# not run.
set -euo pipefail
cd "$(dirname "$0")/../systemd"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# `verify` needs existing programs; any will do.
cp ./*.service "$dir"
sed -i 's#/usr/local/lib/bukza-bridge/[a-z]*#/bin/true#' "$dir"/*.service
failed=0
for unit in ingest@ worker@ migrate backup; do
    unit=bukza-bridge-$unit
    output=$(systemd-analyze verify --man=no "$dir/$unit.service" 2>&1) || failed=1
    [ -z "$output" ] || { echo "$output"; failed=1; }
    if systemd-analyze security --offline=true --threshold=30 "$dir/$unit.service" > "$dir/report"; then
        tail -n 1 "$dir/report"
    else
        cat "$dir/report"
        failed=1
    fi
done
exit "$failed"
