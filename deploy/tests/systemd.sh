#!/usr/bin/env bash
# The units' syntax, and that their exposure is at most 3.0. Needs systemd 250 or newer, not running.
set -euo pipefail
cd "$(dirname "$0")/../systemd"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# `verify` wants the programs to be there; what they are does not matter.
cp ./*.service "$dir"
sed -i 's#/usr/local/lib/bukza-bridge/[a-z]*#/bin/true#' "$dir"/*.service
failed=0
for unit in ingest@ worker@ migrate backup; do
    said=$(systemd-analyze verify --man=no "$dir/$unit.service" 2>&1) || failed=1
    [ -z "$said" ] || { echo "$said"; failed=1; }
    if systemd-analyze security --offline=true --threshold=30 "$dir/$unit.service" > "$dir/report"; then
        tail -n 1 "$dir/report"
    else
        cat "$dir/report"
        failed=1
    fi
done
exit "$failed"
