#!/usr/bin/env bash
# Brings an installation of before 0.1.0 to this version on a machine of its own, by the steps of docs/systemd.md, while
# bookings come through nginx: none is refused, lost or applied twice. Before, the units had no prefix, all programs
# had one account and one file of secrets, and Redis had no password.
#
#   changeover.sh PROGRAMS NEXT     folders: the programs of before with the simulator, and those of this version
#
# BEFORE may name the tree of a version before 0.1.0: its units and nginx' files are taken. Otherwise they are made
# of this version's. `cargo xtask test --test e2e deploy` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/machine.sh"
programs=$1 next=$2
boot
place /srv/before "$programs"
place /srv/new "$next"
start_telegram "$programs"
before=$dir/root/srv/before

rm -r "$before"/deploy/systemd
if [ -n "${BEFORE:-}" ]; then
    rm -r "$before"/{deploy,nginx}
    cp -r "$BEFORE"/{deploy,nginx} "$before/"
else
    mkdir "$before/deploy/systemd"
    for unit in "$project"/deploy/systemd/bukza-bridge-*; do
        sed -E 's/bukza-bridge-(ingest|worker|migrate|backup)/\1/g; s/bukza-(ingest|worker|migrate)/bukza-bridge/; /^EnvironmentFile/d' \
            "$unit" > "$before/deploy/systemd/${unit##*/bukza-bridge-}"
    done
fi
bukza_secret=secret-of-bukza-$RANDOM-$RANDOM
echo "the installation of before"
follow /srv/before > "$dir/before.log" 2>&1 <<INSTALL || { tail -n 20 "$dir/before.log"; exit 1; }
install -D -t /usr/local/lib/bukza-bridge target/release/* deploy/backup deploy/restore deploy/lib.sh
useradd --system --user-group --no-create-home --shell /usr/sbin/nologin bukza-bridge
install -d -m 750 -o root -g bukza-bridge /etc/bukza-bridge
install -m 640 -o root -g bukza-bridge /dev/stdin /etc/bukza-bridge/.env <<'ENV'
$(venue)
DATABASE_URL=postgres://bukza:of-the-owner@127.0.0.1:5432/bukza
REDIS_URL=redis://127.0.0.1:6379
BOT_TOKEN=42:simulated
BUKZA_WEBHOOK_SECRET=$bukza_secret
TELEGRAM_WEBHOOK_SECRET=a-secret-of-telegram-with-$RANDOM-letters
ENV
su - postgres -c psql <<'SQL'
CREATE ROLE bukza LOGIN PASSWORD 'of-the-owner';
CREATE DATABASE bukza OWNER bukza;
SQL
printf 'appendonly yes\nappendfsync always\nsave ""\nmaxmemory 256mb\nmaxmemory-policy noeviction\n' >> /etc/redis/redis.conf
systemctl restart redis-server
install -m 644 deploy/systemd/*.service deploy/systemd/*.timer /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now migrate ingest@{1,2} worker@{1,2}
install -d -m 700 /var/backups/bukza-bridge
systemctl enable --now backup.timer
cp -r nginx/nginx.conf nginx/bridge nginx/sites nginx/ingest /etc/nginx/
ln -sf ingest/local.conf /etc/nginx/ingest.conf
ln -sf sites/https.conf /etc/nginx/site.conf
certbot
install -d /var/www/acme
nginx -t && systemctl restart nginx
# A change of the operator's own.
install -D /dev/stdin /etc/systemd/system/worker@.service.d/override.conf <<< $'[Service]\nNice=5'
systemctl daemon-reload
INSTALL
check "a booking is accepted" 200 "$(until_is 10 200 booking BEFORE %2B79990000077)"
check "  by programs with one account" "bukza-bridge bukza-bridge" \
    "$(for unit in ingest@1 worker@1; do inside systemctl show --property User --value "$unit"; done | xargs)"

export -f booking
export bukza_secret
# Bookings without an end, fewer than the fifty a second that nginx takes from one source.
load() {
    local number=0
    while [ ! -e "$dir/enough" ]; do
        # shellcheck disable=SC2016 # The other shell expands it.
        seq -f 'L%05g' "$number" "$((number + 5))" | xargs -P 6 -I{} bash -c 'echo "{} $(booking {} %2B79990000001)"'
        number=$((number + 6))
        sleep 0.2
    done
}
load > "$dir/answers" &
load=$!
accepted_more() { [ "$(wc -l < "$dir/answers")" -gt "$1" ] && echo yes; }
check "bookings come" yes "$(until_is 30 yes accepted_more 60)"

echo "the change-over"
started=$SECONDS
document "From a build before 0.1.0" 1 9 | follow /srv/new > "$dir/steps.log" 2>&1 ||
    { tail -n 20 "$dir/steps.log"; inside journalctl --no-pager -n 20; exit 1; }
took=$((SECONDS - started))
check "bookings come afterwards, too" yes "$(until_is 30 yes accepted_more "$(($(wc -l < "$dir/answers") + 60))")"
touch "$dir/enough"
wait "$load"
accepted=$(wc -l < "$dir/answers")
echo "      the steps took $took s, with $accepted bookings before, during and after them"
check "each booking was accepted" "$accepted 200" "$(cut -d ' ' -f 2 "$dir/answers" | sort | uniq -c | xargs)"
check "  applied once" "$accepted" "$(until_is 60 "$accepted" sql "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'L%' AND version = 1")"
check "  none more than once" 0 "$(sql "SELECT count(*) FROM bookings WHERE version > 1")"
check "  and has one card for the staff" "$accepted $accepted" "$(sql "SELECT count(*), count(DISTINCT booking_id) FROM messages
    WHERE kind = 'staff_created' AND booking_id IN (SELECT id FROM bookings WHERE bukza_booking_id LIKE 'L%')" | tr '|' ' ')"
check "nothing was set aside" 0 "$(sql "SELECT count(*) FROM dead_letters")"

echo "the installation of afterwards"
for unit in bukza-bridge-{ingest,worker}@{1,2}; do
    pid=$(inside systemctl show --property MainPID --value "$unit")
    check "$unit runs in its account" "active ${unit/bridge-/}" \
        "$(inside systemctl is-active "$unit") $(inside ps -o user:20= -p "$pid" | xargs)@${unit#*@}"
    program=${unit#bukza-bridge-} program=/usr/local/lib/bukza-bridge/${program%@*}
    # A program that was replaced is "(deleted)".
    check "  from the new program" "$program" "$(inside readlink "/proc/$pid/exe")"
done
check "the operator's change stayed" 5 "$(inside systemctl show --property Nice --value bukza-bridge-worker@1)"
check "nothing of the units of before is left" "" \
    "$(inside systemctl list-units --all --plain --no-legend 'ingest@*' 'worker@*' migrate.service 'backup.*')"
check "  nor the account" "" "$(inside grep ^bukza-bridge: /etc/passwd || true)"
check "the common settings have no secret" 0 "$(inside grep -cE '^(DATABASE_URL|REDIS_URL|BOT_TOKEN|.*SECRET)=' /etc/bukza-bridge/.env || true)"
check "the programs have their roles in PostgreSQL" "bukza_ingest bukza_worker" \
    "$(sql "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'bukza' AND usename <> 'postgres' ORDER BY 1" | xargs)"
check "Redis asks for a password" "NOAUTH Authentication required." "$(inside redis-cli PING)"
logged() { inside tail -n 1 /var/log/nginx/access.log | grep -o '"sender":"[a-z]*"'; }
check "nginx knows Bukza's secret" '"sender":"bukza"' "$(logged)"
inside systemctl restart redis-server
check "after a restart of Redis, too" "NOAUTH Authentication required." "$(inside redis-cli PING)"
check "  a booking is accepted" 200 "$(booking AFTER %2B79990000077)"
check "  and applied" 1 "$(until_is 60 1 sql "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'AFTER'")"
check "the new unit makes a backup" success "$(inside systemctl start bukza-bridge-backup &&
    inside systemctl show --property Result --value bukza-bridge-backup)"
[ "$failures" = 0 ] || { echo "$failures checks failed"; inside journalctl --no-pager -n 20 -u "bukza-bridge-*"; exit 1; }
