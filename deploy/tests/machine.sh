# shellcheck shell=bash
# A machine of its own for the tests of the units: systemd is its first process, writes to its files stay in memory, and
# its network is a loopback alone. So documents are followed with the real accounts, folders and ports, and
# nothing outside is changed. Sourced by a script as its first step; needs root and systemd-nspawn.
#
# Not in force in it: MemoryMax and TasksMax, where the kernel has no cgroup v2 to give.

[ "$(id -u)" = 0 ] || { echo "skipped: needs root"; exit 77; }
if [ -z "${NAMESPACES:-}" ]; then
    unshare --mount --net true || { echo "skipped: this machine gives no namespaces"; exit 77; }
    NAMESPACES=1 exec unshare --mount --net --propagation private "$0" "$@"
fi
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
project=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
leader='' pids=()
# Of its own, or the systemds of two tests would take one for theirs. With the hierarchies of cgroup v1 or v2.
groups=(/sys/fs/cgroup/{,systemd/,unified/}"bukza-test-$$")

finish() {
    local pid
    if [ -n "$leader" ]; then inside systemctl poweroff 2> /dev/null || true; fi
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; wait "$pid" || true; done
    umount --recursive "$dir" && rmdir "$dir"
    find "${groups[@]}" -depth -type d -exec rmdir {} + 2> /dev/null || true
}
trap finish EXIT

# inside COMMAND...: runs it in the machine
inside() { nsenter --target "$leader" --mount --pid --uts --ipc --cgroup --root --wdns=/ -- "$@"; }

boot() {
    local root=$dir/root nspawn versions group
    mount -t tmpfs -o mode=755 tmpfs "$dir"
    mkdir "$dir"/{upper,work,root}
    mount -t overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" overlay "$root"
    # nspawn's own notes about machines.
    mount -t tmpfs tmpfs /run
    # Nothing of this machine's services and data.
    rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/{machine-id,mtab,postgresql} "$root"/run
    rm -rf "$root"/var/lib/{postgresql,redis} "$root"/var/log/journal
    mkdir "$root/run"
    touch "$root/etc/machine-id"
    install -d -o postgres -g postgres "$root"/{etc,var/lib,var/log}/postgresql
    install -d -o redis -g redis "$root"/var/{lib,log}/redis
    ip link set lo up
    (
        for group in "${groups[@]}"; do
            [ ! -e "${group%/*}/cgroup.procs" ] || { mkdir "$group" && echo "$BASHPID" > "$group/cgroup.procs"; }
        done
        exec setpriv --pdeathsig KILL systemd-nspawn --quiet --directory="$root" --machine="bukza-test-$$" \
            --register=no --keep-unit --boot --console=pipe < /dev/null > "$dir/console" 2>&1
    ) &
    nspawn=$!
    pids+=("$nspawn")
    for _ in $(seq 100); do
        read -r leader < "/proc/$nspawn/task/$nspawn/children" && break
        sleep 0.1
    done
    leader=${leader%% *}
    check "systemd is the first process of a machine" running \
        "$(until_is 60 running inside systemctl is-system-running)"
    versions=("$root"/usr/lib/postgresql/*)
    inside pg_createcluster "${versions[-1]##*/}" main > /dev/null
    inside systemctl start postgresql redis-server
}

# place FOLDER PROGRAMS: a copy of the project in the machine, with these programs as its release
place() {
    local target=$dir/root$1 program
    mkdir -p "$target/target/release"
    cp -r "$project"/{deploy,nginx,docs,.env.example} "$target/"
    for program in ingest worker migrate; do
        strip --strip-debug -o "$target/target/release/$program" "$2/$program"
    done
}

# document HEADING FROM TO: the shell commands of a section of docs/systemd.md, from one block to another
document() {
    awk -v heading="## $1" -v from="$2" -v to="$3" '
        /^## / { here = $0 == heading; next }
        here && /^```/ { open = !open; number += open; next }
        here && open && number >= from && number <= to' "$project/docs/systemd.md"
}

# follow FOLDER: runs commands of standard input in the machine as an operator does, in one shell. The packages are
# there, and no certificate can be fetched.
follow() {
    {
        echo "cd $1"
        cat <<'OPERATOR'
apt-get() { :; }
certbot() {
    mkdir -p /etc/letsencrypt/live/bridge
    openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=bot.example.com 2> /dev/null \
        -keyout /etc/letsencrypt/live/bridge/privkey.pem -out /etc/letsencrypt/live/bridge/fullchain.pem
}
OPERATOR
        cat
    } > "$dir/root/run-steps" 
    inside bash -euo pipefail /run-steps
}

bukza_secret='' # as soon as there is one
# The simulated Telegram, which the machine reaches.
telegram=http://127.0.0.1:8400
start_telegram() { # PROGRAMS
    "$1/simulator" --listen "${telegram#http://}" > "$dir/telegram.log" 2>&1 &
    pids+=("$!")
}
user() { # ACTION JSON: a person does something in a chat with the bot
    curl -sf -o /dev/null "$telegram/_sim/$1" -H 'Content-Type: application/json' -d "$2"
}

# The venue's settings, for .env. Telegram posts updates to nginx' plain port.
venue() {
    cat <<ENV
TIMEZONE=Asia/Yekaterinburg
WEBHOOK_HOST=http://127.0.0.1
TELEGRAM_API_URL=$telegram
SUPPORT_CHANNEL_ID=-1001000000001
QUIET_HOURS=
BACKUP_PLAIN=1
ENV
}

sql() { inside su postgres -c "psql -d bukza -Atc \"$1\""; }
booking() { # CODE PHONE: prints the status of a booking through nginx
    curl -sk -o /dev/null -m 30 -w '%{http_code}\n' "https://127.0.0.1/webhook/bukza?message=newrega&phone=$2" \
        -H "X-Webhook-Secret: $bukza_secret" -H 'Content-Type: application/json' \
        -d "{\"code\":\"$1\",\"start\":\"27.12.2035 12:00\",\"end\":\"27.12.2035 13:00\",\"resource\":\"VR\"}" || true
}

# Bookings without an end, fewer than the fifty a second that nginx takes from one source.
bookings() {
    local number=0
    while [ ! -e "$dir/enough" ]; do
        # shellcheck disable=SC2016 # The other shell expands it.
        seq -f 'L%05g' "$number" "$((number + 5))" | xargs -P 6 -I{} bash -c 'echo "{} $(booking {} %2B79990000001)"'
        number=$((number + 6))
        sleep 0.2
    done
}
accepted_more() { [ "$(wc -l < "$dir/answers")" -gt "$1" ] && echo yes; }
some_more() { # WHEN
    check "bookings come $1" yes "$(until_is 30 yes accepted_more "$(($(wc -l < "$dir/answers") + 60))")"
}
start_load() {
    export -f booking
    export bukza_secret
    touch "$dir/answers"
    bookings > "$dir/answers" &
    load=$!
    some_more before
}
# Ends the load: nothing of it was refused or lost.
end_load() {
    local accepted
    some_more afterwards
    touch "$dir/enough"
    wait "$load"
    accepted=$(wc -l < "$dir/answers")
    echo "      $accepted bookings before, during and after it"
    check "each booking was accepted" "$accepted 200" "$(cut -d ' ' -f 2 "$dir/answers" | sort | uniq -c | xargs)"
    check "  applied once" "$accepted" "$(until_is 60 "$accepted" sql "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'L%' AND version = 1")"
    check "  none more than once" 0 "$(sql "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'L%' AND version > 1")"
    check "  and has one card for the staff" "$accepted $accepted" "$(sql "SELECT count(*), count(DISTINCT booking_id) FROM messages
        WHERE kind = 'staff_created' AND booking_id IN (SELECT id FROM bookings WHERE bukza_booking_id LIKE 'L%')" | tr '|' ' ')"
    check "nothing was set aside" 0 "$(sql "SELECT count(*) FROM dead_letters")"
}

main_pid() { inside systemctl show --property MainPID --value "$1"; }
# The processes of two ingests and two workers.
processes() { for unit in bukza-bridge-{ingest,worker}@{1,2}; do main_pid "$unit"; done | xargs; }
# Those whose number is in both lists.
same() { comm -12 <(tr ' ' '\n' <<< "$1" | sort) <(tr ' ' '\n' <<< "$2" | sort) | wc -l; }
# How many of the four run, and from the file that is installed. One that was replaced is "(deleted)".
of_installed() {
    local unit count=0
    for unit in bukza-bridge-{ingest,worker}@{1,2}; do
        if inside systemctl is-active --quiet "$unit" && inside readlink "/proc/$(main_pid "$unit")/exe" |
            grep -qE '^/usr/local/lib/bukza-bridge/(ingest|worker)$'; then count=$((count + 1)); fi
    done
    echo "$count"
}
# Whether a unit's present process logs JSON.
logs_json() { [ "$(inside journalctl --no-pager -o cat -n 50 "_PID=$(main_pid "$1")" | grep -c '^{')" != 0 ] && echo yes; }
# steps HEADING FROM TO FOLDER LOG: follows commands of the document there, which succeed
steps() {
    document "$1" "$2" "$3" | follow "$4" > "$dir/$5.log" 2>&1 ||
        { tail -n 20 "$dir/$5.log"; inside journalctl --no-pager -n 20; exit 1; }
}
