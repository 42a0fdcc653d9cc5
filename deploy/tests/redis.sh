#!/usr/bin/env bash
# Runs a real Redis as docs/systemd.md sets it up: Debian's redis.conf (or none), which includes the
# shipped one and a password. Checks that nobody gets in without the password, that what is accepted is in
# the log on the disk, and that deleted names leave it. Needs redis-server.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
redis=$(cd "$(dirname "$0")/../redis" && pwd)
dir=$(mktemp -d)
pid=
finish() {
    if [ -n "$pid" ]; then kill "$pid" 2> /dev/null || true; wait "$pid" || true; fi
    rm -rf "$dir"
}
trap finish EXIT

password=$(openssl rand -hex 24)
{ cat "$redis/redis.conf"; echo "requirepass $password"; } > "$dir/bukza-bridge.conf"
cat /etc/redis/redis.conf > "$dir/redis.conf" 2> /dev/null || true
mkdir "$dir/data"
cat >> "$dir/redis.conf" <<CONF
port 0
unixsocket $dir/socket
dir $dir/data
daemonize no
supervised no
pidfile ""
logfile ""
include $dir/bukza-bridge.conf
CONF
redis-server "$dir/redis.conf" > "$dir/output" 2>&1 &
pid=$!
cli() { redis-cli -s "$dir/socket" "$@" 2>&1; }
for _ in $(seq 100); do [ -S "$dir/socket" ] && break; sleep 0.1; done

check "without the password nothing is answered" "NOAUTH Authentication required." "$(cli PING)"
export REDISCLI_AUTH=$password
check "with it everything is" PONG "$(cli PING)"
config() { cli CONFIG GET "$1" | tail -n 1; }
check "accepted requests are on the disk first" "yes always" "$(config appendonly) $(config appendfsync)"
check "a full Redis evicts nothing" noeviction "$(config maxmemory-policy)"

# A request that was applied, and 1.2 MB of later ones: each is written, and deleted.
filler=$(head -c 30000 /dev/zero | tr '\0' x)
{
    echo "SET request:0 Aurelia"; echo "DEL request:0"
    for n in $(seq 40); do echo "SET request:$n $filler"; echo "DEL request:$n"; done
} | cli > /dev/null
for _ in $(seq 100); do
    left=$({ grep -c Aurelia -r "$dir/data" || true; } | awk -F: '{ sum += $2 } END { print sum }')
    [ "$left" = 0 ] && break
    sleep 0.1
done
check "the name of an applied request leaves the log with the next megabyte" 0 "$left"
[ "$failures" = 0 ] || { tail -n 5 "$dir/output"; exit 1; }
