#!/usr/bin/env bash
# Checks that the alert rules are valid, and that each fires and is silent when it should. Needs promtool.
set -euo pipefail
cd "$(dirname "$0")/../prometheus"
promtool check rules alerts.yml
promtool test rules alerts_test.yml alerts_hours_test.yml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed "s#/etc/prometheus#$PWD#" prometheus.yml > "$dir/prometheus.yml"
promtool check config "$dir/prometheus.yml"
# Every alert has a case in which it fires, one in which it is silent, and a line in docs/metrics.md.
metrics=../../docs/metrics.md
cases=$(awk '/alertname:/ { name = $2 } /exp_alerts:/ { print name, ($2 == "[]" ? "silent" : "fires") }' alerts{,_hours}_test.yml)
alerts=$(sed -n 's/.*- alert: //p' alerts.yml)
words=$(awk '/- alert: / { name = $3 } /^ +(summary|action)(_ru)?: / { print name, $1 }' alerts.yml)
for alert in $alerts; do
    for case in fires silent; do
        # The heartbeat is never silent.
        [ "$alert $case" != "Watchdog silent" ] || continue
        grep -qx "$alert $case" <<< "$cases" || { echo "no test in which $alert is: $case"; exit 1; }
    done
    # alertmanager.sh takes those of LOCALE.
    for key in summary action summary_ru action_ru; do
        grep -qx "$alert $key:" <<< "$words" || { echo "$alert has no $key"; exit 1; }
    done
    grep -q "^| $alert |" "$metrics" || { echo "$alert is not in docs/metrics.md"; exit 1; }
done
# Every metric in a rule or a panel exists.
names=$(grep -oh 'bukza_bridge_[a-z_]*' alerts.yml ../grafana/dashboards/*.json |
    sed 's/^bukza_bridge_//; s/_bucket$//; s/_seconds_count$/_seconds/' | sort -u)
for name in $names; do
    grep -q "\`$name\`" "$metrics" || [[ $name =~ ^(backup_last_success|certificate_expiry)_timestamp_seconds$ ]] ||
        { echo "there is no metric $name"; exit 1; }
done
echo "all valid"
