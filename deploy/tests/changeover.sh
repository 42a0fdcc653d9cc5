#!/usr/bin/env bash
# Brings an installation of before 0.1.0 to this version on a machine of its own, by the steps of docs/systemd.md, then
# updates and restarts it by deploy/bridge, while bookings come through nginx: none is refused, lost or applied twice. Before, the units had no prefix, all programs
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

start_load

echo "the change-over"
started=$SECONDS
steps "From a build before 0.1.0" 1 9 /srv/new steps
echo "      the steps took $((SECONDS - started)) s"
some_more "during it"

echo "an update and a restart by deploy/bridge"
before=$(processes)
started=$SECONDS
steps Operate 3 3 /srv/new update
echo "      the update took $((SECONDS - started)) s"
check "all four programs were replaced" "0 4" "$(same "$before" "$(processes)") $(of_installed)"
before=$(processes)
inside sh -c 'echo LOG_FORMAT=json >> /etc/bukza-bridge/.env'
steps Operate 2 2 /srv/new restart
check "again by the restart" "0 4" "$(same "$before" "$(processes)") $(of_installed)"
check "  with the changed .env" "yes yes" "$(until_is 10 yes logs_json bukza-bridge-ingest@1) $(until_is 10 yes logs_json bukza-bridge-worker@2)"
end_load

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
