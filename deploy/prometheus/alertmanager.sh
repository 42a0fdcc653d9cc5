#!/bin/sh
# Starts alertmanager with the settings of .env, and keeps secrets out of its log. Arguments are passed
# on to alertmanager.
#
# ALERT_CHAT_ID, or else SUPPORT_CHANNEL_ID: the chat of the alerts. Without either, only `amtool alert`
#   shows them. Of a topic (-100123:17) the group counts: alerts stand in its General topic.
# ALERT_BOT_TOKEN, or else BOT_TOKEN: the bot that sends them. NAME_FILE names a file with the token.
# TELEGRAM_API_URL, TELEGRAM_PROXY: as for worker. Of two ways the first is used.
# LOCALE: the language of the alerts' words, ru (unless it is set) or en. An alert without Russian words has its English ones.
# HEARTBEAT_URL: receives a POST about every five minutes while no critical alert fires.
set -eu
umask 077
# The folders of docker-compose.yml, or those of a systemd unit.
run=${RUNTIME_DIRECTORY:-/tmp}
data=${STATE_DIRECTORY:-/alertmanager}
program=$(command -v alertmanager || command -v prometheus-alertmanager)

# A setting, or the content of the file that NAME_FILE names.
setting() {
    eval "value=\${$1:-} file=\${$1_FILE:-}"
    # shellcheck disable=SC2154 # eval sets both
    if [ -z "$value" ] && [ -n "$file" ]; then value=$(cat "$file"); fi
    printf '%s' "$value"
}
quoted() { # a string of YAML
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

chat=${ALERT_CHAT_ID:-${SUPPORT_CHANNEL_ID:-}}
# The oldest version in use knows no topics.
chat=${chat%%:*}
case ${LOCALE:-ru} in
    [Ee][Nn]) summary=.Annotations.summary action=.Annotations.action ;;
    *) summary='or .Annotations.summary_ru .Annotations.summary' action='or .Annotations.action_ru .Annotations.action' ;;
esac
heartbeat=$(setting HEARTBEAT_URL)
# ADDRESS [via PROXY] of the first way.
IFS=' ,' read -r api via proxy _ << WAYS
$(setting TELEGRAM_API_URL | tr '\n\t' '  ')
WAYS
api=${api:-https://api.telegram.org}
case $via in [Vv][Ii][Aa]) ;; *) proxy=$(setting TELEGRAM_PROXY) ;; esac
# Go resolves names at the proxy for both schemes, and its older versions know only this one.
case $proxy in socks5h://*) proxy=socks5://${proxy#socks5h://} ;; esac
token=$(setting ALERT_BOT_TOKEN)
[ -n "$token" ] || token=$(setting BOT_TOKEN)
if [ -n "$chat" ] && [ -z "$token" ]; then
    echo "alertmanager.sh: there is a chat for alerts, but neither ALERT_BOT_TOKEN nor BOT_TOKEN" >&2
    exit 1
fi
# A child's environment can be read in /proc.
unset ALERT_BOT_TOKEN BOT_TOKEN HEARTBEAT_URL TELEGRAM_API_URL TELEGRAM_PROXY

# Files in memory, because others can read a command line.
printf '%s' "$token" > "$run/bot-token"
# bot_token_file is known since 0.26.
case $("$program" --version 2>&1) in
    *"version 0."[0-9].* | *"version 0.1"[0-9].* | *"version 0.2"[0-5].*) bot="bot_token: $(quoted "$token")" ;;
    *) bot="bot_token_file: $(quoted "$run/bot-token")" ;;
esac
{
    cat << 'CONFIG'
route:
  receiver: operator
  group_by: [alertname]
  group_wait: 15s
  group_interval: 5m
  repeat_interval: 6h
  routes:
    # Watchdog always fires: its notifications are the heartbeat.
    - receiver: heartbeat
      matchers: ['alertname="Watchdog"']
      group_wait: 30s
      group_interval: 1m
      repeat_interval: 4m
inhibit_rules:
  # Without any ingest or worker, the resulting warnings are suppressed.
  - source_matchers: ['alertname=~"IngestDown|WorkerDown"']
    target_matchers: ['severity="warning"']
  # A critical alert stops the heartbeat. AlertsNotDelivered is one: it can't be sent itself.
  - source_matchers: ['severity="critical"']
    target_matchers: ['alertname="Watchdog"']
receivers:
  - name: heartbeat
CONFIG
    if [ -n "$heartbeat" ]; then
        cat << CONFIG
    webhook_configs:
      - url: $(quoted "$heartbeat")
        send_resolved: false
CONFIG
    fi
    echo '  - name: operator'
    if [ -n "$chat" ]; then
        cat << CONFIG
    telegram_configs:
      - $bot
        chat_id: $chat
        api_url: $(quoted "$api")
CONFIG
        [ -z "$proxy" ] || echo "        http_config: { proxy_url: $(quoted "$proxy") }"
        cat << CONFIG
        parse_mode: ""
        message: |-
          {{ if eq .Status "firing" }}🔴{{ else }}🟢{{ end }} {{ .CommonLabels.alertname }}
          {{ range .Alerts }}{{ $summary }}
          {{ if eq .Status "firing" }}→ {{ $action }}
          {{ end }}{{ end }}
CONFIG
    fi
} > "$run/alertmanager.yml"

# Copies lines, and replaces each of the given secrets.
redact() {
    # Ends with the log, not before alertmanager.
    trap '' HUP INT TERM
    while IFS= read -r line || [ -n "$line" ]; do
        for secret; do
            [ -n "$secret" ] || continue
            while :; do
                case $line in
                    *"$secret"*) line="${line%%"$secret"*}<hidden>${line#*"$secret"}" ;;
                    *) break ;;
                esac
            done
        done
        printf '%s\n' "$line"
    done
}
password=${proxy#*://}
case $password in *@*) password=${password%@*} ;; *) password= ;; esac
# Alertmanager writes the URL of a failed call into its log, and Telegram's URLs hold the bot's token.
rm -f "$run/log"
mkfifo "$run/log"
redact "${token#*:}" "${heartbeat#*://}" "$password" < "$run/log" &
filter=$!
"$program" --config.file="$run/alertmanager.yml" --storage.path="$data" --cluster.listen-address= "$@" \
    > "$run/log" 2>&1 &
pid=$!
trap 'kill -TERM "$pid" 2> /dev/null || :' INT TERM
trap 'kill -HUP "$pid" 2> /dev/null || :' HUP
# A signal interrupts `wait`. Alertmanager may still run then.
while :; do
    status=0
    wait "$pid" || status=$?
    kill -0 "$pid" 2> /dev/null || break
done
# The end of the log may name the cause.
wait "$filter" || :
exit "$status"
