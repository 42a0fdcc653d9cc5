#!/usr/bin/env bash
# The alert rules: sound, and each fires when it has to and is silent when not. Needs promtool.
set -euo pipefail
cd "$(dirname "$0")/../prometheus"
promtool check rules alerts.yml
promtool test rules alerts_test.yml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed "s#/etc/prometheus#$PWD#" prometheus.yml > "$dir/prometheus.yml"
promtool check config "$dir/prometheus.yml"
# Every alert has both cases, and every metric in a rule is one that there is.
for alert in $(sed -n 's/.*- alert: //p' alerts.yml); do
    [ "$(grep -c "alertname: $alert\$" alerts_test.yml)" = 2 ] || { echo "$alert is not tested"; exit 1; }
done
metrics=../../docs/metrics.md
for name in $(grep -o 'bukza_bridge_[a-z_]*' alerts.yml | sed 's/^bukza_bridge_//; s/_bucket$//; s/_seconds_count$/_seconds/' | sort -u); do
    grep -q "\`$name\`" "$metrics" || [ "$name" = backup_last_success_timestamp_seconds ] ||
        { echo "there is no metric $name"; exit 1; }
done
echo "all sound"
