#!/usr/bin/env bash
# Follows docs/systemd.md on a machine of its own, with the real units: the install, nginx and the certificate, the
# uninstall. Between them the main job through nginx, what each account can and can't do, a program that dies, one
# that hangs, and a backup.
#
#   install.sh PROGRAMS     the folder of the programs and the simulator
#
# `cargo xtask test --test e2e deploy` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/machine.sh"
programs=$1
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

main_pid() { inside systemctl show --property MainPID --value "$1"; }
# replaced UNIT PID: yes, when the unit runs with another process
replaced() { [ "$(main_pid "$1")" != "$2" ] && inside systemctl is-active --quiet "$1" && echo yes; }
hanging=$(main_pid bukza-bridge-worker@2)
inside kill -STOP "$hanging"

echo "the main job"
# The site with TLS is the last step of the document: updates come by plain HTTP here.
inside ln -sf sites/http.conf /etc/nginx/site.conf
inside systemctl reload nginx
chat_has() { curl -s "$telegram/_sim/chats/77" | grep -q "$1" && echo yes; }
user say '{"chat_id":77,"text":"/start"}'
check "the bot greets" yes "$(until_is 30 yes chat_has 'поделитесь номером')"
user contact '{"chat_id":77,"phone":"+79990000077"}'
check "  and knows the client" yes "$(until_is 30 yes chat_has 'номер сохранён')"
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
check "a worker that hung was ended and runs again" yes "$(until_is 45 yes replaced bukza-bridge-worker@2 "$hanging")"
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

echo "the uninstall"
left() { # units, accounts and groups, folders, databases
    inside systemctl list-units --all --no-legend 'bukza-bridge-*' | wc -l
    inside cat /etc/passwd /etc/group | grep -c bukza || true
    inside find /usr/local/lib /etc -maxdepth 1 -name 'bukza-bridge*' | wc -l
    inside su postgres -c 'psql -Atl' | grep -c '^bukza|' || true
}
check "there is something to remove" "7 4 2 1" "$(left | xargs)"
document Uninstall 1 1 | sed "s/REDIS-PASSWORD/$(inside sed -n 's/^requirepass //p' /etc/redis/bukza-bridge.conf)/" |
    follow /srv/new > "$dir/uninstall.log" 2>&1 || { tail -n 20 "$dir/uninstall.log"; exit 1; }
check "no unit, account, folder or database is left" "0 0 0 0" "$(left | xargs)"
[ "$failures" = 0 ] || { echo "$failures checks failed"; inside journalctl --no-pager -n 20 -u "bukza-bridge-*"; exit 1; }
