#!/usr/bin/env bash
# Follows docs/systemd.md on a machine of its own, with the real units: the install, nginx and the certificate, the
# uninstall. Between them the main job through nginx, what each account can and can't do, a program that dies, one
# that hangs, a backup, the restore, and the commands of deploy/bridge while bookings come.
#
#   install.sh PROGRAMS NEXT     folders: the programs with the simulator, and those of a later build
#
# `cargo xtask test --test e2e deploy` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/machine.sh"
programs=$1 next=$2
boot
place /srv/new "$programs"
start_telegram "$programs"

echo "install"
{
    document Install 1 4
    # What the document leaves to the reader.
    echo "sed -i 's/^BOT_TOKEN=.*/BOT_TOKEN=42:simulated/' /etc/bukza-bridge/worker.env"
    echo "sed -i -E '/^(DATABASE_URL|REDIS_URL|BOT_TOKEN|BUKZA_WEBHOOK_SECRET|TELEGRAM_WEBHOOK_SECRET|WEBHOOK_HOST|TIMEZONE)=/d' /etc/bukza-bridge/.env"
    echo "cat >> /etc/bukza-bridge/.env <<'ENV'"
    venue
    echo ENV
    document Install 5 5
    document "nginx and the certificate" 1 1
    document "nginx and the certificate" 3 3 # of the log
} | follow /srv/new > "$dir/install.log" 2>&1 || { tail -n 20 "$dir/install.log"; exit 1; }
check "both programs are ready" "ready ready" \
    "$(for port in 9111 9121; do curl -sf "http://127.0.0.1:$port/readyz" > /dev/null && echo ready; done | xargs)"
bukza_secret=$(inside sed -n 's/^BUKZA_WEBHOOK_SECRET=//p' /etc/bukza-bridge/ingest.env)

# replaced UNIT PID: yes, when the unit runs with another process
replaced() { [ "$(main_pid "$1")" != "$2" ] && inside systemctl is-active --quiet "$1" && echo yes; }

echo "the main job"
# The site with TLS is the last step of the document: updates come by plain HTTP here.
inside ln -sf sites/http.conf /etc/nginx/site.conf
inside systemctl reload nginx
chat_has() { curl -s "$telegram/_sim/chats/77" | grep -q "$1" && echo yes; }
user say '{"chat_id":77,"text":"/start"}'
check "the bot greets" yes "$(until_is 30 yes chat_has 'поделитесь номером')"
user contact '{"chat_id":77,"phone":"+79990000077"}'
check "  and knows the client" yes "$(until_is 30 yes chat_has 'номер сохранён')"
from_outside() { inside sh -c 'cd /srv/new && deploy/bridge check' > "$dir/check.log" 2>&1 && echo passes; }
check "deploy/bridge check tries it with a booking of its own" "passes 4 0" \
    "$(from_outside) $(grep -c '✓' "$dir/check.log") $(grep -c '✗' "$dir/check.log")"
check "  which is taken back" cancelled "$(sql "SELECT status FROM bookings WHERE bukza_booking_id LIKE 'TEST-%'")"
inside ln -sf sites/https.conf /etc/nginx/site.conf
inside systemctl reload nginx
check "a booking through nginx with TLS is accepted" 200 "$(until_is 10 200 booking MAIN1 %2B79990000077)"
check "  and confirmed to the client" yes "$(until_is 30 yes chat_has 'Вы записаны')"

echo "accounts"
for program in ingest worker; do
    for number in 1 2; do
        unit=bukza-bridge-$program@$number
        pid=$(main_pid "$unit")
        check "$unit has its account" "bukza-$program bukza-bridge" "$(inside ps -o user:20=,group:20= -p "$pid" | xargs)"
        state() { inside sed -n "s/^$1:\s*//p" "/proc/$pid/status"; }
        check "  no capability, no way to more, a filter of system calls" "0000000000000000 1 2" \
            "$(state CapEff) $(state NoNewPrivs) $(state Seccomp)"
        check "  a read-only system" "Read-only Read-only" "$(for folder in /usr /etc/bukza-bridge; do
            { inside nsenter --target "$pid" --mount touch "$folder/file" 2>&1 || true; } | grep -o Read-only; done | xargs)"
        check "  no core dump" "0 bytes" "$(inside sed -n 's/^Max core file size *[0-9]* *//p' "/proc/$pid/limits" | xargs)"
        check "  an empty /tmp, and no home folders" "0 0" \
            "$(for folder in /tmp /root; do inside nsenter --target "$pid" --mount ls -A "$folder" | wc -l; done | xargs)"
    done
done
# The watchdog ends it while the next checks run.
hanging=$(main_pid bukza-bridge-worker@2)
inside kill -STOP "$hanging"
has() { inside grep -qz "^$2=" "/proc/$(main_pid "bukza-bridge-$1@1")/environ" && echo yes || echo no; }
check "ingest has no token, worker no secret of Bukza" "no yes yes no" \
    "$(has ingest BOT_TOKEN) $(has ingest BUKZA_WEBHOOK_SECRET) $(has worker BOT_TOKEN) $(has worker BUKZA_WEBHOOK_SECRET)"
readable() { # ACCOUNT: which of the files with settings it can read
    for file in .env ingest.env worker.env migrate.env; do
        inside setpriv --reuid "$1" --regid "$(inside id -g "$1")" --init-groups \
            cat "/etc/bukza-bridge/$file" > /dev/null 2>&1 && echo "$file"
    done | xargs
}
for account in bukza-ingest bukza-worker bukza-migrate; do
    check "$account reads the common settings alone" .env "$(readable "$account")"
done
check "another account reads none" "" "$(readable www-data)"
check "  and gets nothing from Redis" "NOAUTH Authentication required." "$(inside redis-cli PING)"
check "migrate ran as its account" "success bukza-migrate" \
    "$(inside systemctl show --property Result --property User --value bukza-bridge-migrate | xargs)"
check "no program was refused anything" 0 "$(inside journalctl --no-pager -u 'bukza-bridge-*' |
    grep -ciE 'permission denied|noperm|read-only file system|operation not permitted' || true)"

echo "a program dies, one hangs"
pid=$(main_pid bukza-bridge-ingest@1)
inside kill -KILL "$pid"
check "an ingest that was killed runs again" yes "$(until_is 15 yes replaced bukza-bridge-ingest@1 "$pid")"
check "a worker that hung was ended and runs again" yes "$(until_is 60 yes replaced bukza-bridge-worker@2 "$hanging")"
check "  by the watchdog" yes "$(inside journalctl --no-pager -u bukza-bridge-worker@2 | grep -q "Watchdog timeout" && echo yes)"

echo "the backup"
check "the unit made one, for root alone" "1 600" \
    "$(inside bash -c 'cd /var/backups/bukza-bridge/daily/ && ls | wc -l && stat -c %a */database.dump*' | xargs)"
check "its timer waits for the night" "active 03:3" \
    "$(inside systemctl is-active bukza-bridge-backup.timer) $(inside systemctl show --property NextElapseUSecRealtime --value bukza-bridge-backup.timer | grep -oE '03:[34]' | sed s/4/3/)"

check "logrotate looks each hour" "success hourly" "$(inside systemctl start logrotate &&
    inside systemctl show --property Result --value logrotate) $(
    inside systemctl show --property TimersCalendar logrotate.timer | grep -c '00:00 ' > /dev/null &&
    inside systemctl cat logrotate.timer | sed -n 's/^OnCalendar=\(.\)/\1/p' | tail -n 1)"

echo "deploy/bridge, while bookings come"
place /srv/next "$next"
start_load
bridge() { inside sh -c "cd ${2:-/srv/next} && WAIT=${WAIT:-60} deploy/bridge $1" > "$dir/bridge.log" 2>&1; }
shows() { grep -q -- "$1" "$dir/bridge.log" && echo yes; }
build() { inside sha256sum "/usr/local/lib/bukza-bridge$1/worker" | cut -c 1-64; }
before=$(processes) first=$(build "")
steps Operate 3 3 /srv/next update
check "the update replaces all four programs" "0 4" "$(same "$before" "$(processes)") $(of_installed)"
check "  by the later build, and keeps the one before" "$(sha256sum < "$dir/root/srv/next/target/release/worker" | cut -c 1-64) $first" "$(build "") $(build .before)"
check "  whose migration is applied" 4 "$(sql "SELECT count(*) FROM information_schema.columns WHERE column_name = 'rehearsed'")"
some_more "after the update"
before=$(processes)
inside sh -c 'echo LOG_FORMAT=json >> /etc/bukza-bridge/.env'
steps Operate 2 2 /srv/next restart
check "the restart replaces all four processes" "0 4" "$(same "$before" "$(processes)") $(of_installed)"
check "  with the changed .env" "yes yes" "$(until_is 10 yes logs_json bukza-bridge-ingest@1) $(until_is 10 yes logs_json bukza-bridge-worker@2)"
some_more "after the restart"

place /srv/broken "$next"
printf '#!/bin/sh\nexit 1\n' > "$dir/root/srv/broken/target/release/worker"
before=$(processes) second=$(build "")
WAIT=20 bridge update /srv/broken && code=0 || code=$?
check "an update whose worker does not start fails" 1 "$code"
check "  at the first one: three processes stay" 3 "$(same "$before" "$(processes)")"
check "  it names the one, the state and the way on" "yes yes yes" \
    "$(shows 'bukza-bridge-worker@1 is not ready') $(shows 'State:') $(shows 'To go on:.*deploy/bridge rollback')"
check "  and lists what is active" "yes yes yes" \
    "$(for unit in ingest@1 ingest@2 worker@2; do shows "bukza-bridge-$unit.service loaded active"; done | xargs)"
WAIT=20 bridge update /srv/broken || true
check "a second try keeps the build of before, too" "$second" "$(build .before)"
steps Operate 4 4 /srv/broken rollback
check "the rollback brings it back" "$second 4" "$(build "") $(of_installed)"
echo "BUKZA_WEBHOOK_SECRET=short" > "$dir/root/wrong"
inside sh -c 'cp -p /etc/bukza-bridge/ingest.env /root/ && cat /wrong >> /etc/bukza-bridge/ingest.env'
before=$(processes)
WAIT=20 bridge restart && code=0 || code=$?
check "a wrong secret ends a restart at the first ingest" "1 1 yes" \
    "$code $(same "$before" "$(processes)") $(shows 'bukza-bridge-ingest@1 is not ready')"
inside cp -p /root/ingest.env /etc/bukza-bridge/
bridge restart || { cat "$dir/bridge.log"; exit 1; }
check "with the right one all is well again" 4 "$(of_installed)"
inside systemctl disable --now -q bukza-bridge-ingest@2
bridge restart && code=0 || code=$?
check "one ingest alone is not restarted" "1 yes" "$code $(shows 'is alone')"
inside systemctl enable --now -q bukza-bridge-ingest@2
end_load

{ echo "set +e" && document Operate 1 1 | sed s/C6UDS3/MAIN1/; } | follow /srv/next > "$dir/tools.log" 2>&1
check "doctor, booking and logs print theirs" "yes yes yes" \
    "$(for text in ' схема ' MAIN1 'worker\[[0-9]*\]: {'; do grep -q "$text" "$dir/tools.log" && echo yes; done | xargs)"

echo "the restore"
bridge backup || { cat "$dir/bridge.log"; exit 1; }
hash=$(grep -oE '^[0-9a-f]{64} .*database.dump' "$dir/bridge.log") dump=${hash#*  } hash=${hash%% *}
check "the backup prints the hash of its file" "$(inside sha256sum "$dump")" "$hash  $dump"
bookings=$(sql "SELECT count(*) FROM bookings")
bridge "restore $dump" && code=0 || code=$?
check "no restore while programs run" "1 yes" "$code $(shows 'the programs run')"
inside systemctl stop 'bukza-bridge-ingest@*' 'bukza-bridge-worker@*'
inside su postgres -c "psql -q -c 'DROP DATABASE bukza' -c 'CREATE DATABASE bukza OWNER bukza'"
inside sh -c "cd /srv/next && SHA256=$hash deploy/bridge restore $dump" > "$dir/bridge.log" 2>&1 || { cat "$dir/bridge.log"; exit 1; }
check "afterwards all bookings are there, and all programs run" "$bookings 4" "$(sql "SELECT count(*) FROM bookings") $(of_installed)"
check "  a booking is accepted" 200 "$(until_is 10 200 booking RESTORED %2B79990000077)"
check "  and applied" 1 "$(until_is 30 1 sql "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'RESTORED'")"

echo "the uninstall"
left() { # units, accounts and groups, folders, databases
    inside systemctl list-units --all --no-legend 'bukza-bridge-*' | wc -l
    inside cat /etc/passwd /etc/group | grep -c bukza || true
    inside find /usr/local/lib /etc -maxdepth 1 -name 'bukza-bridge*' | wc -l
    inside su postgres -c 'psql -Atl' | grep -c '^bukza|' || true
}
check "there is something to remove" "7 4 3 1" "$(left | xargs)"
document Uninstall 1 1 | sed "s/REDIS-PASSWORD/$(inside sed -n 's/^requirepass //p' /etc/redis/bukza-bridge.conf)/" |
    follow /srv/new > "$dir/uninstall.log" 2>&1 || { tail -n 20 "$dir/uninstall.log"; exit 1; }
check "no unit, account, folder or database is left" "0 0 0 0" "$(left | xargs)"

echo "the install by the set-up"
{
    document Install 1 1
    # The answers that a person types. This Redis has passwords of before, and no service is to be reached from outside.
    echo "export BOT_TOKEN=42:simulated TELEGRAM_API_URL=$telegram"
    document "By the set-up" 1 1 | sed 's#--systemd#& --yes --locale ru --timezone Asia/Yekaterinburg --domain http://127.0.0.1#'
    echo "unset BOT_TOKEN TELEGRAM_API_URL"
    document "By the set-up" 2 2
} | follow /srv/new > "$dir/setup.log" 2>&1 || { tail -n 20 "$dir/setup.log"; exit 1; }
check "all programs run with its files" "ready ready 4" \
    "$(for port in 9111 9121; do curl -sf "http://127.0.0.1:$port/readyz" > /dev/null && echo ready; done | xargs) $(of_installed)"
check "  of which each account reads .env alone" ".env .env .env" \
    "$(for account in bukza-{ingest,worker,migrate}; do readable "$account"; done | xargs)"
check "  and root has written the secrets for itself" "600 root 600 root 600 root 600 root 640 bukza-bridge" \
    "$(inside sh -c 'cd /etc/bukza-bridge && stat -c "%a %G" databases.env ingest.env migrate.env worker.env .env' | xargs)"
[ "$failures" = 0 ] || { echo "$failures checks failed"; inside journalctl --no-pager -n 20 -u "bukza-bridge-*"; exit 1; }
