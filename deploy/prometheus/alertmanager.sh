#!/bin/sh
# Starts alertmanager with the bot and the chat of .env. Alerts go to ALERT_CHAT_ID, or else to the
# staff's chat. Without either, only `amtool alert` shows them.
set -eu
umask 077
chat=${ALERT_CHAT_ID:-${SUPPORT_CHANNEL_ID:-}}
{
    cat << 'CONFIG'
route:
  receiver: operator
  group_by: [alertname]
  group_wait: 15s
  group_interval: 5m
  repeat_interval: 6h
inhibit_rules:
  # Without any ingest or worker, the resulting warnings are suppressed.
  - source_matchers: ['alertname=~"IngestDown|WorkerDown"']
    target_matchers: ['severity="warning"']
receivers:
  - name: operator
CONFIG
    if [ -n "$chat" ]; then
        # In a file in memory, because others can read a command line.
        cat << CONFIG
    telegram_configs:
      - bot_token: "$BOT_TOKEN"
        chat_id: $chat
        api_url: "${TELEGRAM_API_URL:-https://api.telegram.org}"
        parse_mode: ""
        message: |-
CONFIG
        cat << 'CONFIG'
          {{ if eq .Status "firing" }}🔴{{ else }}🟢{{ end }} {{ .CommonLabels.alertname }}
          {{ range .Alerts }}{{ .Annotations.summary }}
          {{ if eq .Status "firing" }}→ {{ .Annotations.action }}
          {{ end }}{{ end }}
CONFIG
    fi
} > /tmp/alertmanager.yml
exec alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address=
