#!/usr/bin/env bash
# Runs a real nginx with the shipped files, on loopback ports and with a self-signed certificate, in
# front of two real ingests. Checks TLS, limits, problems as JSON, that no secret is in the logs, and
# that the logs have a size. Junk from Bukza's own address takes nothing from Bukza. One ingest hangs, one
# is killed under load, and no request fails. Ends only nginx and the two ingests.
#
#   nginx.sh INGEST1 PID1 INGEST2 PID2 SECRET REQUESTS     (addresses as 127.0.0.1:PORT)
#
# Needs nginx, curl, openssl, logrotate and pgrep. `cargo xtask test --test e2e deploy` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
ingest1=$1 pid1=$2 ingest2=$3 pid2=$4 secret=$5 requests=$6

deploy=$(cd "$(dirname "$0")/.." && pwd)
source=$deploy/../nginx
dir=$(mktemp -d)
chmod 755 "$dir"
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
nginx_pid=
finish() {
    # At once: clients that stall would keep a graceful end waiting.
    if [ -n "$nginx_pid" ]; then kill -TERM "$nginx_pid" 2>/dev/null || true; wait "$nginx_pid" || true; fi
    rm -rf "$dir"
}
trap finish EXIT

http_port=$(free_port) https_port=$(free_port)

cp -r "$source/." "$dir/"
mkdir "$dir/log" "$dir/run" "$dir/acme"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -keyout "$dir/privkey.pem" -out "$dir/fullchain.pem" 2>/dev/null
# Changes only ports, folders, addresses of the ingests, and one of Telegram's networks.
find "$dir" -name '*.conf' -exec sed -i \
    -e "s#/var/log/nginx#$dir/log#; s#/run/#$dir/run/#; s#/var/www/acme#$dir/acme#" \
    -e "s#/etc/letsencrypt/live/bridge#$dir#" \
    -e "s#listen 80 #listen 127.0.0.1:$http_port #; s#listen 443 #listen 127.0.0.1:$https_port #" \
    -e "s#149.154.160.0/20#127.0.0.3/32#" \
    -e "s#127.0.0.1:8081#$ingest1#; s#127.0.0.1:8082#$ingest2#" {} +

for site in http https; do
    for ingest in docker local; do
        ln -sf "sites/$site.conf" "$dir/site.conf"
        ln -sf "ingest/$ingest.conf" "$dir/ingest.conf"
        output=$("$nginx" -t -q -e "$dir/log/error.log" -c "$dir/nginx.conf" 2>&1) && output=valid
        check "nginx -t: site $site, ingest $ingest" valid "$output"
    done
done
# Runs deploy/nginx-settings with TRUSTED_PROXIES, as with the .env of these ingests.
settings() {
    (cd "$dir" && BUKZA_WEBHOOK_SECRET="some-other-secret-0\"\\a, $secret" TELEGRAM_WEBHOOK_SECRET="$telegram_secret" \
        TRUSTED_PROXIES=$1 "$deploy/nginx-settings" "$dir/settings")
}
telegram_secret=A-telegram-secret_of-$RANDOM
settings ""
check "only root can read the secrets" 600 "$(stat -c %a "$dir/settings/secrets.map")"
output=$("$nginx" -t -q -e "$dir/log/error.log" -c "$dir/nginx.conf" 2>&1) && output=valid
check "nginx -t: with deploy/nginx-settings" valid "$output"

"$nginx" -e "$dir/log/error.log" -c "$dir/nginx.conf" -g 'daemon off;' &
nginx_pid=$!
site=https://127.0.0.1:$https_port
for _ in $(seq 100); do
    curl -skf -o /dev/null "$site/alive" && break
    sleep 0.1
done

status() { curl -sk -o "$dir/answer" -D "$dir/head" -w '%{http_code}' "$@"; }
problem() { sed -n 's/.*"type":"\([^"]*\)".*/\1/p' "$dir/answer"; }
webhook="$site/webhook/bukza?message=newrega&phone=%2B79990000001&secret=$secret"
booking() {
    printf '{"code":"%s","start":"27.12.2035 12:00","end":"27.12.2035 13:00","resource":"VR"}' "$1"
}

plain=http://127.0.0.1:$http_port
check "a browser is sent from plain HTTP to HTTPS" 308 "$(status "$plain/")"
check "  with its path" "location: https://127.0.0.1/some/path" "$(status "$plain/some/path" > /dev/null; grep -i '^location' "$dir/head" | tr -d '\r' | sed 's/^L/l/')"
# What follows redirects would send the next secret and the next phone unencrypted, too.
for method in POST PUT PATCH DELETE OPTIONS; do
    check "a $method over plain HTTP is refused" 403 "$(status -X "$method" "$plain/webhook/bukza" -d "$(booking PLAIN)")"
    check "  as a problem" urn:problem:https-only "$(problem)"
    check "  and sent nowhere" 0 "$(grep -ci '^location' "$dir/head")"
done
check "a GET with parameters over plain HTTP is refused" 403 "$(status "$plain/webhook/bukza?secret=$secret&code=PLAIN")"
check "  as a problem" urn:problem:https-only "$(problem)"
echo proof > "$dir/acme/token"
mkdir -p "$dir/acme/.well-known/acme-challenge" && mv "$dir/acme/token" "$dir/acme/.well-known/acme-challenge/"
check "certbot's proof is served over plain HTTP" 200 \
    "$(status "http://127.0.0.1:$http_port/.well-known/acme-challenge/token")"
check "TLS 1.3" 200 "$(status --tlsv1.3 "$site/alive")"
check "TLS 1.2" 200 "$(status --tlsv1.2 --tls-max 1.2 "$site/alive")"
# Refused by nginx, not by the client's own rules.
check "TLS 1.1 is refused" 1 "$({ openssl s_client -connect "127.0.0.1:$https_port" -tls1_1 \
    -cipher 'DEFAULT@SECLEVEL=0' < /dev/null 2>&1 || true; } | grep -c 'alert protocol version')"
check "plain HTTP reports that nginx runs" 200 "$(status "http://127.0.0.1:$http_port/alive")"

check "a booking is accepted" 200 "$(status "$webhook" -d "$(booking NGINX-0)" -H 'Content-Type: application/json')"
check "a wrong secret reaches ingest and is refused" 401 "$(status "$site/webhook/bukza?secret=wrong" -d '{}')"
check "  by ingest's problem" urn:problem:unauthorized "$(problem)"
check "a GET reaches ingest, which reports the missing code" 422 "$(status "$webhook")"
check "  and its answer is not cached" 1 "$(grep -ci '^cache-control: no-store' "$dir/head")"
check "a PUT is accepted, with a slash at the end" 200 \
    "$(status -X PUT "${webhook/bukza\?/bukza/?}" -d "$(booking NGINX-PUT)" -H 'Content-Type: application/json')"
check "a DELETE is refused" 405 "$(status -X DELETE "$webhook")"
check "  as a problem" urn:problem:method-not-allowed "$(problem)"
check "a method that nginx does not know is refused" 405 "$(status -X TRACE "$webhook")"
check "  as a problem" urn:problem:method-not-allowed "$(problem)"
check "/metrics can't be read" 404 "$(status "$site/metrics")"
check "/metrics can't be posted to" 404 "$(status "$site/metrics" -d '')"
head -c 100000 /dev/zero | tr '\0' x > "$dir/body"
check "ingest refuses 100 kB" 413 "$(status "$webhook" --data-binary "@$dir/body")"
check "  and keeps them for the owner" urn:problem:too-large "$(problem)"
head -c 3000000 /dev/zero | tr '\0' x > "$dir/body"
check "nginx refuses 3 MB" 413 "$(status "$webhook" --data-binary "@$dir/body" -H 'Expect:')"
check "  as a problem" urn:problem:too-large "$(problem)"
# More than the sockets' buffers hold, refused unread: nginx must not take this for a failure of ingest.
head -c 1900000 /dev/zero | tr '\0' x > "$dir/body"
for _ in $(seq 10); do
    check "a large body with a wrong secret is refused" 401 \
        "$(status "$site/webhook/bukza?secret=wrong" --data-binary "@$dir/body" -H 'Expect:')"
    check "  and one for an unknown path" 404 "$(status "$site/nowhere" --data-binary "@$dir/body" -H 'Expect:')"
done
check "  by the first ingest that got it" 0 "$(grep -c "\"ingest\":\"$ingest1, \|\"ingest\":\"$ingest2, " "$dir/log/access.log" || true)"
check "  and bookings are still accepted" "200 200" \
    "$(for n in 1 2; do status "$webhook" -d "$(booking "NGINX-0$n")" -H 'Content-Type: application/json'; echo; done | xargs)"

post() { # SECONDS URL CODE: prints the status of a booking
    curl -sk -o /dev/null -m "$1" -w '%{http_code}\n' "$2" -d "$(booking "$3")" -H 'Content-Type: application/json' || true
}
export -f booking post
counted() { sort | uniq -c | sed 's/^ *//'; }

takes_connections() { # PID: whether a worker of nginx takes connections: it does not until it has understood that it is to end
    tr '\0' ' ' < "/proc/$1/cmdline" 2> /dev/null | grep -q "worker process *$"
}
reload() { # CONDITION: reloads nginx, and waits until the command succeeds and no former worker takes connections
    local former=() pid
    for pid in $(pgrep -P "$nginx_pid"); do takes_connections "$pid" && former+=("$pid"); done
    check "nginx has workers before it reloads" yes "$([ "${#former[@]}" -gt 0 ] && echo yes)"
    kill -HUP "$nginx_pid"
    for _ in $(seq 100); do
        for pid in "${former[@]}"; do takes_connections "$pid" && sleep 0.1 && continue 2; done
        "$@" && return
        sleep 0.1
    done
    check "nginx has reloaded: $*" yes no
}
logged() { grep -c -E "$1" "$dir/log/access.log" || true; }
serves_plain_http() { [ "$(status "$plain/webhook/bukza" -d '{}')" = 401 ]; }
serves_https_alone() { [ "$(status "$plain/webhook/bukza" -d '{}')" = 403 ]; }

echo "behind a proxy that terminates TLS: a stranger and Bukza have one source"
ln -sf sites/http.conf "$dir/site.conf"
reload serves_plain_http
by_proxy="$plain/webhook/bukza?phone=%2B79990000001&secret=$secret"
: > "$dir/log/access.log"
: > "$dir/junk"
stalled=()
for n in $(seq 540); do
    exec {connection}<>"/dev/tcp/127.0.0.1/$http_port"
    printf 'POST /webhook/bukza?secret=stalled-%d HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx' "$n" >&"$connection"
    stalled+=("$connection")
done
curl -s --no-progress-meter -Z --parallel-max 300 --parallel-immediate -m 60 -o /dev/null -w '%{http_code}\n' \
    "$plain/webhook/bukza?secret=junk-[1-3000]" > "$dir/junk" &
junk=$!
while [ "$(wc -l < "$dir/junk")" -lt 500 ]; do sleep 0.05; done
# Five hundred requests of the stranger wait, for up to ten seconds.
answers=$(seq 30 | xargs -P 30 -I{} bash -c "post 5 '$by_proxy' NGINX-P{}" | counted)
check "during 540 stalled connections and 3,000 junk requests Bukza's are accepted within seconds" "30 200" "$answers"
check "  and so is an update of Telegram by its secret" 401 "$(status "$plain/webhook/telegram" -d '{}' \
    -H "X-Telegram-Bot-Api-Secret-Token: $telegram_secret")" # The ingests have another one.
check "  in the header, too" 422 "$(status "$plain/webhook/bukza?phone=1" -H "X-Webhook-Secret: $secret")"
check "  percent-encoded, too" 401 "$(status "$plain/webhook/bukza?secret=some-other-secret-0%22%5Ca" -d '{}')"
wait "$junk"
check "  most of the junk is refused by nginx" yes "$([ "$(grep -c 429 "$dir/junk")" -gt 2000 ] && echo yes)"
check "each accepted request is in the log" 30 "$(logged '"sender":"bukza","status":200,"weight":1,')"
check "  and each refused one with a valid secret" 2 "$(logged '"sender":"(bukza|telegram)","status":401,"weight":1,')"
sampled=$(logged '"sender":"","status":4..,"weight":100,')
check "of the other refused requests one of a hundred is" yes "$([ "$sampled" -gt 0 ] && [ "$sampled" -lt 150 ] && echo yes)"
check "  and none with another weight" 0 "$(logged '"sender":"","status":4..,"weight":[^1]|"sender":"","status":4..,"weight":1,')"
for connection in "${stalled[@]}"; do exec {connection}>&-; done

seen_source() { # SOURCE X-FORWARDED-FOR: which source of a request is logged
    local before
    before=$(logged '"method":"PATCH"')
    status --interface "$1" -H "X-Forwarded-For: $2" -X PATCH "$by_proxy" > /dev/null
    # nginx logs a request after its response.
    for _ in $(seq 100); do [ "$(logged '"method":"PATCH"')" -gt "$before" ] && break; sleep 0.05; done
    grep '"method":"PATCH"' "$dir/log/access.log" | tail -n 1 | sed -n 's/.*"source":"\([^"]*\)".*/\1/p'
}
check "nobody's X-Forwarded-For counts" 127.0.0.1 "$(seen_source 127.0.0.1 203.0.113.7)"
settings "127.0.0.1, 2001:db8:ffff::/48"
trusts_the_proxy() { [ "$(seen_source 127.0.0.1 203.0.113.7)" = 203.0.113.7 ]; }
reload trusts_the_proxy
check "that of a proxy of TRUSTED_PROXIES does" 203.0.113.7 "$(seen_source 127.0.0.1 203.0.113.7)"
check "  its last one, which no client chose" 203.0.113.7 "$(seen_source 127.0.0.1 '198.51.100.1, 203.0.113.7')"
check "  before the trusted proxies" 203.0.113.7 "$(seen_source 127.0.0.1 '198.51.100.1, 203.0.113.7, 2001:db8:ffff::1')"
check "nobody else's" 127.0.0.2 "$(seen_source 127.0.0.2 203.0.113.7)"
ln -sf sites/https.conf "$dir/site.conf"
reload serves_https_alone

echo "an ingest hangs"
kill -STOP "$pid2"
answers=$(seq 6 | xargs -P 6 -I{} bash -c "post 30 '$webhook' NGINX-H{}" | counted)
kill -CONT "$pid2"
check "the other ingest accepts all requests" "6 200" "$answers"
check "  which nginx passes on to it" yes "$(grep -q "\"$ingest2, $ingest1\"" "$dir/log/access.log" && echo yes)"

echo "$requests requests, the first ingest is killed meanwhile"
: > "$dir/statuses"
seq "$requests" | xargs -P 24 -I{} bash -c "post 30 '$webhook' NGINX-{}" > "$dir/statuses" &
load=$!
while [ "$(wc -l < "$dir/statuses")" -lt $((requests / 4)) ]; do sleep 0.05; done
kill -9 "$pid1"
wait "$load"
check "answers" "$requests 200" "$(counted < "$dir/statuses")"
for ingest in "$ingest1" "$ingest2"; do
    check "ingest $ingest got its share of the requests first" yes \
        "$([ "$(grep -c "\"ingest\":\"$ingest" "$dir/log/access.log")" -ge $((requests / 3)) ] && echo yes)"
    check "  and answered" yes "$(grep -q "\"ingest\":\"$ingest\".*\"ingest_status\":\"200\"" "$dir/log/access.log" && echo yes)"
done
check "requests of the killed ingest were passed on" yes \
    "$(grep -q "\"$ingest1, $ingest2\"" "$dir/log/access.log" && echo yes)"

kill -9 "$pid2"
check "with no ingest left" 503 "$(status "$webhook" -d "$(booking NGINX-LOST)")"
check "  it is a problem" urn:problem:unavailable "$(problem)"
check "  with Retry-After" yes "$(grep -qi '^retry-after:' "$dir/head" && echo yes)"

check "the secret is in no log" 0 "$(cat "$dir"/log/* | grep -c -e "$secret" -e webhook/bukza -e 79990000001 || true)"
check "each request is in the access log" yes \
    "$([ "$(grep -c '"endpoint":"other"' "$dir/log/access.log")" -ge "$requests" ] && echo yes)"
check "each line of it is JSON" 0 \
    "$(grep -vcE '^\{"time":"[^"]+",.*"request_id":"[0-9a-f]{32}"\}$' "$dir/log/access.log" || true)"
# Lower limits, so that a slow machine exceeds them, too. Of each source 5 requests wait.
sed -i 's/zone=requests:10m rate=50r/zone=requests:10m rate=1r/' "$dir/bridge/limits.conf"
sed -i 's/zone=requests burst=500/zone=requests burst=5/' "$dir/bridge/webhooks.conf"
kill -HUP "$nginx_pid"
flood() { # SOURCE: sends forty GETs at once, counts the statuses, stores answers with their heads
    curl -sk --no-progress-meter --interface "$1" -Z --parallel-max 40 --parallel-immediate -m 60 -i \
        -o "$dir/flood-#1" -w '%{http_code}\n' "$site/flood?[1-40]" | counted
}
for _ in $(seq 50); do # until nginx has reloaded
    answers=$(flood 127.0.0.2)
    if [[ $answers == *' 429'* ]]; then break; fi
done
check "above its rate a source is refused" yes "$([[ $answers == *' 429'* ]] && echo yes)"
refused=$(grep -l '^HTTP.* 429' "$dir"/flood-* | head -n 1)
check "  as a problem" 1 "$(grep -c '"urn:problem:too-many-requests"' "$refused")"
check "  with Retry-After" 1 "$(grep -ci '^retry-after:' "$refused")"
# No ingest is left: a request that is not refused gets 503.
check "another source is not refused" 503 "$(status --interface 127.0.0.4 "$site/")"
check "Telegram's networks have no limit" "40 503" "$(flood 127.0.0.3)"
flood_from() { # X-FORWARDED-FOR with {}: twenty requests at once, by the trusted proxy
    seq 20 | xargs -P 20 -I{} curl -sk -o /dev/null -m 60 -w '%{http_code}\n' -H "X-Forwarded-For: $1" "$site/" | counted
}
check "twenty addresses of one /64 are one source" "6 503" "$(flood_from 2001:db8:0:1:{}::1 | grep 503)"
check "  the next /64 is another" 503 "$(status -H 'X-Forwarded-For: 2001:db8:0:2::1' "$site/")"
check "twenty IPv4 addresses are twenty" "20 503" "$(flood_from 203.0.113.{})"
check "  in the form of IPv6, too" "20 503" "$(flood_from ::ffff:203.0.112.{})"

lines=$(wc -l < "$dir/log/access.log")
sed -e "s#/var/log/nginx#$dir/log#; s#invoke-rc.d nginx rotate#kill -USR1 $nginx_pid#; s#maxsize 50M#maxsize 10k#" \
    -e "/create/d" "$deploy/logrotate/nginx" > "$dir/logrotate.conf"
chmod 644 "$dir/logrotate.conf"
logrotate=$(PATH=$PATH:/usr/sbin command -v logrotate)
check "logrotate rotates a log over its size" rotated "$("$logrotate" --state "$dir/rotated" "$dir/logrotate.conf" 2>&1 && echo rotated)"
check "  nothing of it is lost" "$lines" "$(wc -l < "$dir/log/access.log.1")"
for _ in $(seq 50); do
    status "$webhook" > /dev/null
    [ -s "$dir/log/access.log" ] && break
    sleep 0.1
done
check "  and nginx goes on in a new one" yes "$([ -s "$dir/log/access.log" ] && echo yes)"
check "  and not before its size" rotated "$("$logrotate" --state "$dir/rotated" "$dir/logrotate.conf" 2>&1 && echo rotated)"
[ "$failures" = 0 ] || { echo "$failures checks failed"; tail -5 "$dir/log/error.log"; exit 1; }
