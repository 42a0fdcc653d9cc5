# shellcheck shell=sh disable=SC2034,SC2154 # Variables of bridge: dry, folder, project, wait, note.
# What the commands of bridge do with the units of systemd. Sourced by bridge.

lib=/usr/local/lib/bukza-bridge
etc=/etc/bukza-bridge
installation=/etc/systemd/system # of the units

ready_to_run() { [ -n "$dry" ] || [ "$(id -u)" = 0 ] || die "run this as root"; }

# The instances that run, failed or are enabled: units ingest|worker
units() {
    systemctl list-units --all --plain --no-legend "bukza-bridge-$1@*" | awk '{ sub(/\.service$/, "", $1); print $1 }'
}
# Also those that systemd starts again and again.
running() {
    systemctl list-units --state=active,activating,deactivating --plain --no-legend \
        'bukza-bridge-ingest@*' 'bukza-bridge-worker@*'
}
undo() { :; }

is_ready() { # UNIT
    systemctl is-active --quiet "$1" || return 1
    address=$(systemctl show --property Environment --value "$1" | tr ' ' '\n' | sed -n 's/^METRICS_ADDR=//p')
    [ -z "$address" ] || ! command -v curl > /dev/null || curl -sf -m 5 -o /dev/null "http://$address/readyz"
}
another_is_ready() { # UNIT
    for other in $ingests; do
        [ "$other" = "$1" ] || ! is_ready "$other" || return 0
    done
    return 1
}

# systemd counts a program as started when it is ready, and waits for its database without an end. This does not.
replace() { # UNIT
    step "$1"
    run timeout "$wait" systemctl restart "$1" && return
    journalctl --no-pager -o cat -n 20 -u "$1" >&2 || true
    here="$1 does not run yet: systemd goes on starting it. What is named before it is replaced, the others run as before"
    stop "$1 is not ready: see above, and systemctl status $1"
}
replace_workers() {
    for unit in $(units worker); do replace "$unit"; done
}
# First those that do not run.
replace_ingests() {
    up=''
    for unit in $ingests; do
        if systemctl is-active --quiet "$unit"; then up="$up $unit"; else replace "$unit"; fi
    done
    for unit in $up; do
        [ -n "$dry" ] || another_is_ready "$unit" ||
            stop "no other ingest is ready, so $unit is not restarted: requests would be refused"
        replace "$unit"
    done
}
find_ingests() {
    ingests=$(units ingest)
    # shellcheck disable=SC2086 # Names.
    case $(count $ingests) in
        0) die "no ingest is enabled: deploy/bridge start" ;;
        1) ! systemctl is-active --quiet "$ingests" ||
            die "nothing was changed: $ingests is alone, and requests would be refused while it restarts." \
                "Start another one first, such as: systemctl enable --now bukza-bridge-ingest@2" ;;
    esac
}

nginx_settings() {
    [ -n "$dry" ] || [ -d /etc/nginx/settings ] || return 0
    step "nginx"
    run_line "cd $etc && set -a && . ./ingest.env && $lib/nginx-settings" && run nginx -t -q &&
        run systemctl reload nginx && return
    note="nginx did not take the secrets of ingest.env (see above). Requests are accepted; repeat: deploy/bridge restart"
}

migrate() {
    step "the schema"
    run systemctl restart bukza-bridge-migrate && return
    # Otherwise it would go on trying.
    systemctl stop bukza-bridge-migrate || true
    journalctl --no-pager -o cat -n 20 -u bukza-bridge-migrate >&2 || true
    stop "the schema can't be brought up to date"
}

# The marker is there until all programs are replaced. Until then the programs of before are kept as they are: those
# that are installed may never have run.
install_version() {
    programs=$project/target/release
    # Those of a release.
    [ ! -d "$project/programs" ] || programs=$project/programs
    programs=${PROGRAMS:-$programs}
    for file in "$programs/ingest" "$programs/worker" "$programs/migrate" "$folder/systemd/bukza-bridge-migrate.service"; do
        [ -f "$file" ] || die "nothing was changed: $file is missing. Run this in the folder of the new version"
    done
    phase "nothing was changed"
    backup_first
    step "the programs"
    phase "all programs run as before, and start with the new files when they are restarted" \
        "correct the cause, and repeat the command; or go back: deploy/bridge rollback"
    if [ ! -e "$lib/.unfinished" ]; then
        keep_version || stop "the programs of before can't be kept"
    fi
    install_files || stop "the new files can't be installed"
}
keep_version() {
    run rm -rf "$lib.before" && run cp -a "$lib" "$lib.before" && run touch "$lib/.unfinished"
}
install_files() {
    run install "$programs/ingest" "$programs/worker" "$programs/migrate" "$lib/" &&
        run_line "cd $folder && install backup restore nginx-settings lib.sh certificate bridge bridge-systemd.sh $lib/" &&
        run_line "install -m 644 $folder/systemd/bukza-bridge-*.service $folder/systemd/bukza-bridge-*.timer /etc/systemd/system/" &&
        run systemctl daemon-reload
}

roll() { # update|rollback|restart
    find_ingests
    go_back='; or go back: deploy/bridge rollback'
    case $1 in
        update) install_version ;;
        rollback)
            [ -d "$lib.before" ] || die "nothing was changed: there is no $lib.before"
            step "the programs"
            phase "all programs run as they did"
            run_line "install $lib.before/* $lib/" || stop "the programs of before can't be installed"
            go_back=''
            ;;
        restart)
            phase "all programs run as before, without the changed settings"
            go_back=''
            ;;
    esac
    # A schema that is newer stays.
    [ "$1" = rollback ] || migrate
    phase "the programs that are named above are replaced, the others run as before" \
        "correct the cause, and repeat the command$go_back"
    # No worker of before gets a job of the newer version.
    if [ "$1" = rollback ]; then
        replace_ingests
        replace_workers
    else
        replace_workers
        replace_ingests
    fi
    [ "$1" = restart ] || run rm -f "$lib/.unfinished"
    nginx_settings
}

start() {
    all="$(units ingest) $(units worker)"
    # shellcheck disable=SC2086 # Names.
    if [ "$(count $all)" = 0 ]; then
        all='bukza-bridge-ingest@1 bukza-bridge-ingest@2 bukza-bridge-worker@1 bukza-bridge-worker@2'
        run systemctl enable bukza-bridge-migrate $all || stop "the units can't be enabled"
    fi
    # shellcheck disable=SC2086 # Names.
    run timeout "$wait" systemctl start bukza-bridge-migrate $all ||
        stop "not all are ready after $wait s: systemctl status 'bukza-bridge-*', deploy/bridge logs"
    nginx_settings
}

worker() {
    if [ -n "$dry" ]; then echo "cd $etc && set -a && . ./worker.env && $lib/worker $*"; else
        # shellcheck source=/dev/null
        (cd "$etc" && set -a && . ./worker.env && exec "$lib/worker" "$@")
    fi
}

doctor() { worker doctor; }

# worker.env does not have Bukza's secret.
check() {
    if [ -n "$dry" ]; then
        worker setup --check --secret-file -
        return
    fi
    # shellcheck source=/dev/null
    (. "$etc/ingest.env" && echo "$BUKZA_WEBHOOK_SECRET") | worker setup --check --secret-file -
}

backup() {
    [ -z "$1" ] || die "with systemd the unit bukza-bridge-backup names the folder"
    run systemctl start bukza-bridge-backup || {
        journalctl --no-pager -o cat -n 5 -u bukza-bridge-backup >&2 || true
        return 1
    }
    [ -z "$dry" ] || return 0
    # Its hashes, for restore.
    id=$(systemctl show --property InvocationID --value bukza-bridge-backup)
    journalctl --sync || true
    journalctl --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$id" || true
}

restore() {
    [ -z "$(running)" ] || die "the programs run: systemctl stop 'bukza-bridge-ingest@*' 'bukza-bridge-worker@*'"
    run_line "cd $etc && set -a && . ./migrate.env && $lib/restore '$1'" || stop "the backup was not restored"
    phase "the data are restored, and the programs do not all run" "deploy/bridge start"
    # It grants the programs' roles what they need.
    migrate
    start
    note="repeat roles.psql (docs/operations.md): it keeps everybody else out of a new database"
}

logs() {
    follow=''
    if [ -t 1 ]; then follow=-f; fi
    # shellcheck disable=SC2086 # One option, or none.
    case $1 in
        nginx) run tail -n 100 $follow /var/log/nginx/error.log /var/log/nginx/access.log ;;
        '') run journalctl --no-pager -n 100 $follow -u 'bukza-bridge-ingest@*' -u 'bukza-bridge-worker@*' ;;
        *) run journalctl --no-pager -n 100 $follow -u "bukza-bridge-$1@*" ;;
    esac
}
