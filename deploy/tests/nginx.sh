#!/usr/bin/env bash
# Runs a real nginx with the shipped files, on loopback ports and with a self-signed certificate, in
# front of two real ingests. Checks TLS, limits, problems as JSON, and that no secret is in the logs.
# One ingest hangs, one is killed under load, and no request fails. Ends only nginx and the two ingests.
#
#   nginx.sh INGEST1 PID1 INGEST2 PID2 SECRET REQUESTS     (addresses as 127.0.0.1:PORT)
#
# Needs nginx, curl and openssl. `cargo xtask test --test e2e deploy` calls it.
set -euo pipefail
ingest1=$1 pid1=$2 ingest2=$3 pid2=$4 secret=$5 requests=$6

source=$(cd "$(dirname "$0")/../.." && pwd)/nginx
dir=$(mktemp -d)
chmod 755 "$dir"
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
nginx_pid=
finish() {
    if [ -n "$nginx_pid" ] && kill -QUIT "$nginx_pid" 2>/dev/null; then wait "$nginx_pid" || true; fi
    rm -rf "$dir"
}
trap finish EXIT

failures=0
# check WHAT EXPECTED ACTUAL
check() {
    if [ "$2" = "$3" ]; then echo "ok    $1"; else
        echo "FAIL  $1: expected $2, got $3"
        failures=$((failures + 1))
    fi
}

free_port() { # below the range of outgoing connections
    local port
    while :; do
        port=$((11000 + RANDOM % 3000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}
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

check "plain HTTP is sent to HTTPS" 308 \
    "$(status -X POST "http://127.0.0.1:$http_port/webhook/bukza")"
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

export -f booking
export webhook
echo "an ingest hangs"
kill -STOP "$pid2"
# shellcheck disable=SC2016 # expanded by the inner bash
answers=$(seq 6 | xargs -P 6 -I{} bash -c \
    'curl -sk -o /dev/null -m 30 -w "%{http_code}\n" "$webhook" -d "$(booking NGINX-H{})" -H "Content-Type: application/json"' \
    | sort | uniq -c | sed 's/^ *//')
kill -CONT "$pid2"
check "the other ingest accepts all requests" "6 200" "$answers"
check "  which nginx passes on to it" yes "$(grep -q "\"$ingest2, $ingest1\"" "$dir/log/access.log" && echo yes)"

echo "$requests requests, the first ingest is killed meanwhile"
# shellcheck disable=SC2016 # expanded by the inner bash
seq "$requests" | xargs -P 24 -I{} bash -c \
    'curl -sk -o /dev/null -m 30 -w "%{http_code}\n" "$webhook" -d "$(booking NGINX-{})" -H "Content-Type: application/json"' \
    > "$dir/statuses" &
load=$!
while [ "$(wc -l < "$dir/statuses")" -lt $((requests / 4)) ]; do sleep 0.05; done
kill -9 "$pid1"
wait "$load"
check "answers" "$requests 200" "$(sort "$dir/statuses" | uniq -c | sed 's/^ *//')"
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
# Lower limits, so that a slow machine exceeds them, too.
sed -i 's/rate=50r/rate=1r/' "$dir/bridge/limits.conf"
sed -i 's/burst=500/burst=5/' "$dir/bridge/webhooks.conf"
kill -HUP "$nginx_pid"
flood() { # SOURCE: sends forty GETs at once, counts the statuses, stores answers with their heads
    curl -sk --no-progress-meter --interface "$1" -Z --parallel-max 40 --parallel-immediate -m 60 -i \
        -o "$dir/flood-#1" -w '%{http_code}\n' "$site/flood?[1-40]" | sort | uniq -c | sed 's/^ *//'
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
[ "$failures" = 0 ] || { echo "$failures checks failed"; tail -5 "$dir/log/error.log"; exit 1; }
