#!/usr/bin/env bash
# Runs Debian's Alertmanager by deploy/prometheus/alertmanager.sh, with nginx as Telegram, as the proxy to
# it and as the receiver of the heartbeat, and Prometheus with two of the shipped rules. Checks that alerts
# arrive, that no secret is in the log when calls fail, that the heartbeat stops when alerts are not
# delivered, and that a stop is prompt. Only intervals and addresses differ. Ends only what it started.
#
# Needs prometheus, prometheus-alertmanager, nginx and curl. `cargo xtask test --test e2e monitoring` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
source=$(cd "$(dirname "$0")/../prometheus" && pwd)
script=${1:-$source/alertmanager.sh} # another one can be given, to see what the checks find in it
dir=$(mktemp -d)
chmod 755 "$dir"
PATH=$PATH:/usr/sbin
pids=()
finish() {
    for pid in "${pids[@]}"; do
        if kill "$pid" 2> /dev/null; then wait "$pid" || true; fi
    done
    rm -rf "$dir"
}
trap finish EXIT

# until SECONDS COMMAND...: prints yes when the command succeeds in time
until_true() {
    local end=$((SECONDS + $1))
    shift
    while [ "$SECONDS" -lt "$end" ]; do
        if "$@" > /dev/null 2>&1; then echo yes; return; fi
        sleep 0.2
    done
    echo no
}
telegram=$(free_port) answers=$(free_port) beats=$(free_port) api=$(free_port) prometheus=$(free_port) closed=$(free_port)
secret=AAHwatchdog-token_of_the_bot01234567
token=4839574812:$secret
ping=ping/5f0c2d3e-heartbeat

mkdir "$dir/bin" "$dir/run" "$dir/data"
ln -s "$(command -v prometheus-alertmanager || command -v alertmanager)" "$dir/bin/alertmanager"
touch "$dir/calls.log" "$dir/beats.log"
cat > "$dir/nginx.conf" << CONF
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/nginx.log;
events {}
http {
    client_body_temp_path $dir/b; proxy_temp_path $dir/p;
    fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
    log_format call escape=none '\$request_method http://\$host\$uri \$request_body';
    # A body is in the log only of a request that was passed on.
    server {
        listen 127.0.0.1:$telegram;
        access_log $dir/calls.log call;
        location / { include $dir/answer.conf; }
    }
    server {
        listen 127.0.0.1:$answers;
        access_log off;
        default_type application/json;
        location /ok/ { return 200 '{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":-1001,"type":"supergroup"}}}'; }
        location /migrated/ { return 400 '{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1002}}'; }
        location /error/ { return 500; }
    }
    server {
        listen 127.0.0.1:$beats;
        access_log $dir/beats.log call;
        location / { return 204; }
    }
}
CONF
# answer HOW: what Telegram does from now on
answer() {
    case $1 in
        close) echo 'return 444;' ;;
        *) echo "proxy_pass http://127.0.0.1:$answers/$1/;" ;;
    esac > "$dir/answer.conf"
    [ ! -s "$dir/nginx.pid" ] || { kill -HUP "$(cat "$dir/nginx.pid")" && sleep 0.5; }
}
answer ok
nginx -e "$dir/nginx.log" -c "$dir/nginx.conf" -g 'daemon off;' &
pids+=($!)

# Only intervals differ.
sed -e 's/group_wait: .*/group_wait: 1s/; s/group_interval: .*/group_interval: 2s/' \
    -e 's/repeat_interval: 4m/repeat_interval: 1s/' "$script" > "$dir/alertmanager.sh"
# start NAME=VALUE...: alertmanager with these settings; its log is in $dir/log
start() {
    env -i "PATH=$dir/bin:$PATH" RUNTIME_DIRECTORY="$dir/run" STATE_DIRECTORY="$dir/data" "$@" \
        sh "$dir/alertmanager.sh" --web.listen-address="127.0.0.1:$api" > "$dir/log" 2>&1 &
    alertmanager=$!
    pids+=("$alertmanager")
    [ "$(until_true 20 curl -sf "http://127.0.0.1:$api/-/ready")" = yes ] || { cat "$dir/log"; exit 1; }
}
stop() { # prints the exit status and whether it came within ten seconds
    local status=0 before=$SECONDS
    kill -TERM "$alertmanager"
    wait "$alertmanager" || status=$?
    stopped="$status $([ $((SECONDS - before)) -le 10 ] && echo prompt)"
}
# fire ALERT SEVERITY [ANNOTATIONS]: as Prometheus does
fire() {
    curl -sf -H 'Content-Type: application/json' "http://127.0.0.1:$api/api/v2/alerts" -d '[{"labels":{"alertname":"'"$1"'",
        "severity":"'"$2"'"},"annotations":{"summary":"Words of the alert","action":"do this"'"${3:-}"'}}]'
}
russian=',"summary_ru":"Слова тревоги","action_ru":"сделайте это"'
secrets_in() { cat "$@" | grep -c -e "$secret" -e "$ping" -e hush || true; }

echo "alertmanager $("$dir/bin/alertmanager" --version 2>&1 | sed -n 's/.*version \([^ ]*\) .*/\1/p')"
# A name that only the proxy resolves. The bot of its own comes before the clients' bot.
start BOT_TOKEN=1:clients ALERT_BOT_TOKEN="$token" SUPPORT_CHANNEL_ID=-1009 ALERT_CHAT_ID=-1001:17 \
    TELEGRAM_API_URL=http://telegram.invalid TELEGRAM_PROXY="http://user:hush@127.0.0.1:$telegram"
fire Arrives warning
arrived() { grep "^POST http://telegram.invalid/bot$token/sendMessage .*-1001.*Words of the alert" "$dir/calls.log"; }
check "an alert arrives through the proxy, by the bot of its own" yes "$(until_true 20 arrived)"
fire Russian warning "$russian"
in_russian() { grep "sendMessage .*Слова тревоги.*→ сделайте это" "$dir/calls.log"; }
check "an alert with Russian words speaks Russian where LOCALE is not set" yes "$(until_true 20 in_russian)"
check "the files with the token are its user's alone" "600 600" \
    "$(stat -c %a "$dir/run/alertmanager.yml" "$dir/run/bot-token" | xargs)"
for child in $(pgrep -P "$alertmanager"); do
    check "no secret is on the command line of $(cat "/proc/$child/comm")" 0 "$(secrets_in "/proc/$child/cmdline")"
done
child=$(pgrep -P "$alertmanager" -f config.file)
check "or in alertmanager's environment" 0 "$(secrets_in "/proc/$child/environ")"
stop
check "a stop is prompt, with the status of alertmanager" "0 prompt" "$stopped"
check "  and the end of its log is kept" yes "$(grep -q 'Received SIGTERM' "$dir/log" && echo yes)"

for failure in error close refused; do
    answer "${failure/refused/ok}"
    port=$telegram
    [ "$failure" != refused ] || port=$closed
    echo "$token" > "$dir/token-file"
    start BOT_TOKEN_FILE="$dir/token-file" ALERT_CHAT_ID=-1001 TELEGRAM_API_URL="http://127.0.0.1:$port" \
        HEARTBEAT_URL="http://127.0.0.1:$closed/$ping"
    fire "Fails-$failure" warning
    fire Watchdog none
    failed() { grep 'Notify attempt failed' "$dir/log" | grep 'receiver=operator'; }
    check "Telegram fails ($failure): the log shows it" yes "$(until_true 30 failed)"
    stop
    check "  without a secret" 0 "$(secrets_in "$dir/log")"
    check "  and the stop is prompt" "0 prompt" "$stopped"
done

# The first of two ways, with the proxy of its own.
: > "$dir/calls.log"
start BOT_TOKEN="$token" ALERT_CHAT_ID=-1001 LOCALE=en TELEGRAM_PROXY="http://user:hush@127.0.0.1:$closed" \
    TELEGRAM_API_URL="http://telegram.invalid via http://user:hush@127.0.0.1:$telegram, http://127.0.0.1:$closed"
answer ok
fire First warning "$russian"
check "of two ways to Telegram the first is used, with its proxy" yes "$(until_true 20 arrived)"
check "  and with LOCALE=en an alert speaks English" 0 "$(grep -c 'Слова' "$dir/calls.log" || true)"
check "  without a secret in the log" 0 "$(secrets_in "$dir/log")"
child=$(pgrep -P "$alertmanager" -f config.file)
check "  or in alertmanager's environment" 0 "$(secrets_in "/proc/$child/environ")"
stop

# As from TELEGRAM_PROXY=socks5h://…, which worker knows. Alertmanager's older versions do not.
start BOT_TOKEN="$token" ALERT_CHAT_ID=-1001 TELEGRAM_API_URL=http://telegram.invalid \
    TELEGRAM_PROXY="socks5h://user:hush@127.0.0.1:$closed"
fire Socks warning
check "a SOCKS proxy is used" yes "$(until_true 20 grep -q "connect.*127.0.0.1:$closed" "$dir/log")"
check "  without a secret in the log" 0 "$(secrets_in "$dir/log")"
stop

status=0
env -i "PATH=$dir/bin:$PATH" RUNTIME_DIRECTORY="$dir/run" STATE_DIRECTORY="$dir/data" BOT_TOKEN="$token" \
    ALERT_CHAT_ID=staff sh "$dir/alertmanager.sh" > "$dir/log" 2>&1 || status=$?
check "a wrong setting ends the start" 1 "$status"
check "  and the log names it" yes "$(grep -q 'cannot unmarshal.*staff' "$dir/log" && echo yes)"
status=0
env -i "PATH=$dir/bin:$PATH" RUNTIME_DIRECTORY="$dir/run" ALERT_CHAT_ID=-1 sh "$dir/alertmanager.sh" > "$dir/log" 2>&1 || status=$?
check "a chat without a bot ends the start" 1 "$status"

echo "the heartbeat"
# The shipped rules of the heartbeat. The other alerts would fire, because no program runs here.
{
    printf 'groups:\n  - name: heartbeat\n    rules:\n'
    awk '/^      - alert:/ { kept = / (Watchdog|AlertsNotDelivered)$/ } kept' "$source/alerts.yml"
} | sed 's/\[15m\]/[20s]/' > "$dir/rules.yml"
# Only addresses, intervals and targets differ.
sed -e "s#/etc/prometheus/alerts.yml#$dir/rules.yml#; s/_interval: 15s/_interval: 1s/" \
    -e "s/alertmanager:9093/127.0.0.1:$api/" "$source/prometheus.yml" |
    awk '/job_name:/ { other = !/alertmanager/ } !other || !/^  /' > "$dir/prometheus.yml"
start BOT_TOKEN="$token" ALERT_CHAT_ID=-1001 TELEGRAM_API_URL="http://127.0.0.1:$telegram" \
    HEARTBEAT_URL="http://127.0.0.1:$beats/$ping"
answer ok
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
    --rules.alert.resend-delay=1s --web.listen-address="127.0.0.1:$prometheus" > "$dir/prometheus.log" 2>&1 &
pids+=($!)
count() { wc -l < "$dir/beats.log"; }
more_than() { [ "$(count)" -gt "$1" ]; }
check "while all is well it beats" yes "$(until_true 40 more_than 2)"
check "  as a POST with the URL" yes "$(grep -q "^POST http://127.0.0.1/$ping" "$dir/beats.log" && echo yes)"
check "  and no message is sent about it" 0 "$(grep -c Watchdog "$dir/calls.log" || true)"
answer migrated
fire Migrated warning
firing() { curl -sf "http://127.0.0.1:$prometheus/api/v1/alerts" | grep 'AlertsNotDelivered.*"state":"firing"'; }
check "the chat was migrated: AlertsNotDelivered fires" yes "$(until_true 60 firing)"
inhibited() { curl -sf "http://127.0.0.1:$api/api/v2/alerts?filter=alertname=Watchdog" | grep '"inhibitedBy":\["'; }
check "  and Alertmanager suppresses the heartbeat" yes "$(until_true 20 inhibited)"
sleep 2
before=$(count)
sleep 8
check "  which stops" "$before" "$(count)"
answer ok
check "when messages arrive again, it returns" yes "$(until_true 60 more_than "$((before + 1))")"
stop
check "no secret is in a log" 0 "$(secrets_in "$dir/log" "$dir/prometheus.log")"

[ "$failures" = 0 ] || { echo "$failures checks failed"; exit 1; }
