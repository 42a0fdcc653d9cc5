#!/usr/bin/env bash
# deploy/bridge with scripts in the place of docker and systemctl: the order of its commands, what it leaves undone when
# one of them fails, and that it stops an ingest only while another one is ready. The stand-in for Compose knows
# what docs/docker.md says of `up -d`: it recreates all containers of a service at once, and with `migrate` all that
# depend on it. With real units: install.sh and changeover.sh.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
deploy=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export SIM=$dir/sim
mkdir -p "$SIM" "$dir/bin" "$dir/project/deploy"
cp "$deploy"/bridge* "$dir/project/deploy/"
touch "$dir/project/docker-compose.yml"
for name in backup restore nginx-settings; do
    # shellcheck disable=SC2016
    echo '#!/bin/sh
echo "${COMPOSE:+COMPOSE=$COMPOSE }${0##*/}${1:+ $1}" >> "$SIM/calls"
[ ! -e "$SIM/fails-${0##*/}" ]' > "$dir/project/deploy/$name"
done

# A container is a file named SERVICE-NUMBER: its version, and its health.
cat > "$dir/bin/docker" <<'DOCKER'
#!/usr/bin/env bash
set -euo pipefail
shopt -s nullglob
mkdir -p "$SIM/containers" && cd "$SIM/containers"
echo "$*" >> "$SIM/all"
call() {
    echo "$*" >> "$SIM/calls"
    local line=$*
    [ ! -e "$SIM/fails-${line// /_}" ] || exit 1
}
version() { cat "$SIM/image" "$SIM/../project/.env" | tr '\n' ' '; }
create() { # SERVICE
    local number=1
    while [ -e "$SIM/made-$1-$number" ]; do number=$((number + 1)); done
    touch "$SIM/made-$1-$number"
    # Ready when it is looked at for the third time.
    { version; echo; echo starting; echo 0; } > "$1-$number"
}
current() { [ "$(head -n 1 "$1")" = "$(version)" ]; }
recreate() { # SERVICE: all that are of before, at once
    local file count=0
    for file in "$1"-*; do current "$file" || { rm "$file"; count=$((count + 1)); }; done
    while [ "$count" -gt 0 ]; do create "$1"; count=$((count - 1)); done
}
scale() { # SERVICE NUMBER
    local files
    files=("$1"-*)
    while [ "${#files[@]}" -lt "$2" ]; do create "$1"; files=("$1"-*); done
    while [ "${#files[@]}" -gt "$2" ]; do rm "${files[0]}"; files=("$1"-*); done
}
healthy() { [ "$(sed -n 2p "$1")" = healthy ]; }
# Somebody must answer as soon as somebody answered once.
serves() {
    local file
    for file in ingest-*; do
        if healthy "$file"; then touch "$SIM/serving" && return; fi
    done
    [ ! -e "$SIM/serving" ] || echo "REFUSED" >> "$SIM/calls"
}

case "$1 ${2:-}" in
    "compose version" | "compose logs" | "logs "*) ;;
    "compose ps")
        if [ "$3" = -a ]; then shift; fi
        [ "$3" != -q ] || { shift; for file in "$3"-*; do echo "$file"; done; }
        ;;
    "compose config")
        [ -e "$SIM/released" ] || echo "    build:"
        [ ! -e "$SIM/no-password" ] || echo '      POSTGRES_WORKER_PASSWORD: ""'
        echo '      REDIS_PASSWORD: "set"'
        ;;
    "compose pull") call "$@" && cp "$SIM/../project/VERSION" "$SIM/image" ;;
    "compose build") call "$@" && cp "$SIM/../project/VERSION" "$SIM/image" ;;
    "compose run" | "compose exec" | "compose restart")
        case "$*" in
            *"--entrypoint test "*) [ -e "$SIM/certificate" ] ;;
            *"certbot certonly"*)
                call "$@"
                [ ! -e "$SIM/no-proof" ]
                touch "$SIM/certificate"
                ;;
            *"--secret-file -"*) call "$@" && cat >> "$SIM/secret" ;;
            *) call "$@" ;;
        esac
        ;;
    "compose up")
        call "$@"
        case "$*" in
            "compose up -d worker") recreate migrate; scale migrate 1; recreate worker; scale worker 2 ;;
            "compose up -d --no-recreate --scale ingest="*" ingest") number=${6#ingest=}; scale ingest "$number" ;;
            "compose up -d --no-deps nginx") echo "NGINX_SITE=$NGINX_SITE" >> "$SIM/calls"; scale nginx 1 ;;
            "compose up -d --no-recreate") scale worker 2; scale ingest 2 ;;
            "compose up -d")
                files=(migrate-*)
                if [ "${#files[@]}" = 1 ] && ! current "${files[0]}"; then rm -f migrate-* ingest-* worker-*; fi
                for service in migrate ingest worker nginx; do
                    recreate "$service"
                    case $service in ingest | worker) scale "$service" 2 ;; *) scale "$service" 1 ;; esac
                done
                ;;
            *) echo "unknown: $*"; exit 64 ;;
        esac
        ;;
    "inspect --format")
        file=$4
        number=$(sed -n 3p "$file") health=starting
        if [ "$number" -ge 2 ] && [ ! -e "$SIM/ill-${file%-*}" ]; then health=healthy; fi
        { head -n 1 "$file"; echo "$health"; echo $((number + 1)); } > "$SIM/file" && mv "$SIM/file" "$file"
        echo "$health"
        ;;
    "stop "*) call "$@" && sed -i '2s/.*/stopped/; 3s/.*/-9/' "$2" ;;
    "rm --force") call "$@" && rm "${@:3}" ;;
    "rm "*) call "$@" && rm "$2" ;;
    *) echo "unknown: $*"; exit 64 ;;
esac
serves
DOCKER

cat > "$dir/bin/systemctl" <<'SYSTEMCTL'
#!/usr/bin/env bash
# A unit is a file that holds its state. There are none with Compose.
set -euo pipefail
shopt -s nullglob
cd "$SIM/units" 2> /dev/null || exit 1
case $1 in
    cat) ;;
    list-units)
        # shellcheck disable=SC2068 # Patterns of files.
        for unit in ${@:5}; do
            if [ ! -e "$unit" ]; then continue; fi
            case "$*" in *=active*) grep -q '^active' "$unit" || continue ;; esac
            echo "$unit.service loaded $(cat "$unit")"
        done
        ;;
    is-active) grep -q '^active' "$3" ;;
    show) shift 3; echo "LISTEN_ADDR=x METRICS_ADDR=${*: -1}" ;;
    restart | start | stop)
        echo "$*" >> "$SIM/calls"
        for unit in "${@:2}"; do
            if [ -e "$SIM/fails-$unit" ]; then echo failed > "$unit" && exit 1; fi
            echo active > "$unit"
        done
        ;;
esac
SYSTEMCTL
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ ! -e "$SIM/ill-$(basename "$(dirname "$6")")" ]\n' > "$dir/bin/curl"
printf '#!/bin/sh\necho 0\n' > "$dir/bin/id"
for name in sleep journalctl; do printf '#!/bin/sh\n' > "$dir/bin/$name"; done
chmod +x "$dir"/bin/* "$dir"/project/deploy/*
export PATH=$dir/bin:$PATH

bridge() { (cd / && WAIT=20 "$dir/project/deploy/bridge" "$@"); }
# A new system of version 1, which runs.
fresh() {
    rm -rf "$SIM" && mkdir "$SIM"
    echo 1 > "$dir/project/VERSION" && echo 1 > "$SIM/image" && echo A=1 > "$dir/project/.env"
    bridge start > /dev/null
    rm "$SIM/calls"
}
calls() { cat "$SIM/calls" 2> /dev/null || true; }
versions() { (cd "$SIM/containers" && for file in "$1"-*; do head -n 1 "$file"; done | sort | uniq -c | xargs); }
attempt() { if bridge "$@" > "$dir/output" 2>&1; then echo works; else echo fails; fi; }
shows() { grep -qF -- "$1" "$dir/output" && echo yes; }

roll() { # FIRST SECOND: the two numbers of the ingests of before
    echo "compose run --rm -T migrate
compose up -d worker
compose up -d --no-recreate --scale ingest=4 ingest
stop ingest-$1
rm ingest-$1
stop ingest-$2
rm ingest-$2
compose up -d
COMPOSE=1 nginx-settings
compose exec -T nginx nginx -t -q
compose exec -T nginx nginx -s reload"
}

echo "Compose"
fresh
check "all run after the start" "2 1 A=1 2 1 A=1" "$(versions ingest) $(versions worker)"
echo 2 > "$dir/project/VERSION"
check "an update is done" works "$(attempt update)"
check "  in this order, and nobody is refused" "COMPOSE=1 backup /var/backups/bukza-bridge
compose build
$(roll 1 2)" "$(calls)"
check "  by the new version alone" "2 2 A=1 2 2 A=1" "$(versions ingest) $(versions worker)"
echo A=2 > "$dir/project/.env" && rm "$SIM/calls"
check "a restart is done" works "$(attempt restart)"
check "  in this order, and nobody is refused" "$(roll 3 4)" "$(calls)"
check "  with the changed .env" "2 2 A=2 2 2 A=2" "$(versions ingest) $(versions worker)"
check "the stand-in knows the fault: up -d alone" "compose up -d
REFUSED" "$(rm "$SIM/calls" && echo A=3 > "$dir/project/.env" && docker compose up -d && calls)"

fresh
check "a restart that Compose sees no cause for restarts the workers, too" "works
compose up -d worker
compose restart worker" "$(attempt restart && calls | grep 'worker$')"

fresh
echo A=2 > "$dir/project/.env"
check "start takes nothing away" "works
compose up -d --no-recreate" "$(attempt start && calls | head -n 1)"
check "  and names what does" yes "$(shows 'deploy/bridge restart brings a changed .env into force')"

fresh
echo 2 > "$dir/project/VERSION"
check "a rollback is done" works "$(attempt rollback)"
check "  the ingests before the workers, without a refusal" "--no-recreate --scale ingest=4 ingest worker " \
    "$(calls | sed -n 's/^compose up -d //p' | tr '\n' ' ')$(calls | grep REFUSED || true)"

touch "$SIM/released" && echo 3 > "$dir/project/VERSION" && rm "$SIM/calls"
check "a release's image is pulled, not built" "works 2 3 A=1 compose pull -q migrate ingest worker" \
    "$(attempt update) $(versions ingest) $(calls | sed -n 2p)"

empty() { # .env of a system that never ran
    rm -rf "$SIM" && mkdir "$SIM"
    echo 1 > "$dir/project/VERSION" && echo 1 > "$SIM/image" && printf '%s\n' "$@" > "$dir/project/.env"
}
certonly="compose run --rm -T --no-deps --entrypoint certbot certbot certonly --non-interactive --webroot \
--webroot-path /var/www/acme --cert-name bridge -d bot.example.com --agree-tos --register-unsafely-without-email"
empty WEBHOOK_HOST=https://bot.example.com
check "the first start" works "$(attempt start)"
check "  fetches the certificate by HTTP, then starts all" "compose up -d --no-deps nginx
NGINX_SITE=http
$certonly
compose up -d" "$(calls | head -n 4)"
rm -r "$SIM/containers" "$SIM/calls" "$SIM/serving"
check "the second one does not" "works compose up -d" "$(attempt start) $(calls | head -n 1)"
empty WEBHOOK_HOST=bot.example.com && touch "$SIM/no-proof"
check "without the proof nothing else is started" "fails $certonly" "$(attempt start) $(calls | tail -n 1)"
check "  and the message names the host" "yes yes" "$(shows 'no certificate for bot.example.com') $(shows 'State: nginx serves plain HTTP')"
for dotenv in NGINX_SITE=http WEBHOOK_HOST=http://127.0.0.1:8080 WEBHOOK_HOST=https://bot.example.com:8443 A=1; do
    empty WEBHOOK_HOST=https://bot.example.com "$dotenv"
    [ "$dotenv" != A=1 ] || empty A=1
    check "no certificate is fetched with $dotenv" "works compose up -d" "$(attempt start) $(calls | head -n 1)"
done

echo "Compose, failures"
for failing in "backup" "compose build" "compose run --rm -T migrate"; do
    fresh
    echo 2 > "$dir/project/VERSION"
    touch "$SIM/fails-${failing// /_}"
    check "$failing fails: the update ends" fails "$(attempt update)"
    check "  it was the last call" yes "$(calls | tail -n 1 | grep -qF "$failing" && echo yes)"
    check "  all run as before" "2 1 A=1 2 1 A=1" "$(versions ingest) $(versions worker)"
    check "  it says so" "yes yes" "$(shows 'State:') $(shows 'To go on:')"
done
check "--no-backup leaves it out" "compose build" "$(rm "$SIM"/fails-* "$SIM/calls" && attempt --no-backup update > /dev/null && calls | head -n 1)"

fresh
touch "$SIM/ill-worker" && echo A=2 > "$dir/project/.env"
check "workers that are not healthy: the restart ends" fails "$(attempt restart)"
check "  the ingests stay as they were" "2 1 A=1" "$(versions ingest)"
check "  and the message names it" yes "$(shows 'The ingests are those of before, and accept requests')"
rm "$SIM/ill-worker"
check "  when they are, it goes on" "works 2 1 A=2" "$(attempt restart) $(versions ingest)"
check "  without a refusal" 0 "$(calls | grep -c REFUSED)"

fresh
touch "$SIM/ill-ingest" && echo A=2 > "$dir/project/.env"
check "new ingests that are not healthy: the restart ends" fails "$(attempt restart)"
check "  those of before serve alone" "2 1 A=1" "$(versions ingest)"
check "  none of them was stopped" 0 "$(calls | grep -c '^stop')"
rm "$SIM/ill-ingest"
check "  when they are, it goes on" "works 2 1 A=2" "$(attempt restart) $(versions ingest)"

fresh
touch "$SIM/fails-nginx-settings" && echo A=2 > "$dir/project/.env"
check "nginx without its settings is no failure, but named" "works yes" "$(attempt restart) $(shows 'nginx did not take the secrets')"
exec 8< "$dir/project"
flock 8
check "one at a time" fails "$(attempt restart)"
exec 8<&-

fresh
touch "$SIM/no-password"
for command in start update restart rollback; do
    check "without a password $command changes nothing, and names it" "fails yes " \
        "$(attempt $command) $(shows '.env does not set POSTGRES_WORKER_PASSWORD. ./setup') $(calls)"
done

echo "Compose, the rest"
fresh
check "a dry run prints the commands" 9 "$(bridge --dry-run restart | grep -cE '^(docker|COMPOSE=1)')"
check "  and runs none" "" "$(calls)"
mkdir "$dir/backups" "$dir/zones"
BACKUPS=$dir/backups TZDIR=$dir/zones bridge doctor && bridge booking C6UDS3 && bridge worker rejected list && bridge backup /mnt/b
check "each goes to its place; the doctor sees the backups and the server's zones" "compose run --rm -T --no-deps --user root \
-v $dir/backups:/var/backups/bukza-bridge:ro -v $dir/zones:/usr/share/zoneinfo:ro worker worker doctor
compose exec -T worker worker booking C6UDS3
compose exec -T worker worker rejected list
COMPOSE=1 backup /mnt/b" "$(calls)"
rm "$SIM/calls"
check "  where there are none, the rest is checked all the same" "compose run --rm -T --no-deps --user root worker worker doctor" \
    "$(BACKUPS=$dir/none TZDIR=$dir/none bridge doctor && calls)"
rm "$SIM/calls" && printf 'BUKZA_WEBHOOK_SECRET="of-bukza"\nWEBHOOK_PATH=/hook\n' > "$dir/project/.env"
check "a check gets the secret by standard input alone" \
    "compose exec -T worker worker setup --check --secret-file - --set WEBHOOK_PATH=/hook of-bukza" \
    "$(bridge check && calls) $(cat "$SIM/secret")"
echo A=1 > "$dir/project/.env"
touch "$dir/dump"
check "no restore while programs run" "fails yes" "$(attempt restore "$dir/dump") $(shows 'docker compose stop ingest worker')"
rm "$SIM"/containers/{ingest,worker}-* "$SIM/calls" "$SIM/serving"
check "a restore starts them" "works COMPOSE=1 restore $dir/dump, compose up -d" \
    "$(attempt restore "$dir/dump") $(calls | head -n 2 | paste -sd , | sed 's/,/, /')"
check "  and repeats the roles" 1 "$(calls | grep -c roles.psql)"
for wrong in "" update\ now "logs redis" booking "restore /none" nothing; do
    # shellcheck disable=SC2086
    check "refused: bridge $wrong" fails "$(attempt $wrong)"
done

echo "systemd, failures"
installed() { # INSTANCES...
    rm -rf "$SIM" && mkdir -p "$SIM/units"
    for unit in migrate "$@"; do echo active > "$SIM/units/bukza-bridge-$unit"; done
}
four=(ingest@1 ingest@2 worker@1 worker@2)
restarts() { calls | sed -n 's/^restart bukza-bridge-//p' | xargs; }
installed "${four[@]}"
check "a restart takes one after the other" "works migrate worker@1 worker@2 ingest@1 ingest@2" "$(attempt restart) $(restarts)"
installed "${four[@]}"
check "a dry run restarts none" "works " "$(attempt --dry-run restart) $(restarts)"
check "  and prints all" 5 "$(grep -c 'systemctl restart' "$dir/output")"
installed "${four[@]}" && touch "$SIM/fails-bukza-bridge-migrate"
check "the schema fails: no program is restarted" "fails migrate" "$(attempt restart) $(restarts)"
check "  and the message names it" yes "$(shows 'all programs run as before')"
check "  nobody tries again unseen" "stop bukza-bridge-migrate" "$(calls | tail -n 1)"
installed "${four[@]}" && touch "$SIM/fails-bukza-bridge-worker@1"
check "a worker fails: the others stay" "fails migrate worker@1" "$(attempt restart) $(restarts)"
check "  those that are active are listed" "yes yes" "$(shows bukza-bridge-ingest@1) $(shows bukza-bridge-worker@2)"
installed "${four[@]}" && touch "$SIM/fails-bukza-bridge-ingest@1"
check "an ingest fails: the other stays" "fails migrate worker@1 worker@2 ingest@1" "$(attempt restart) $(restarts)"
installed "${four[@]}" && touch "$SIM/ill-bukza-bridge-ingest@2"
check "the other ingest is not ready: neither is restarted" "fails migrate worker@1 worker@2" "$(attempt restart) $(restarts)"
installed "${four[@]}" && echo failed > "$SIM/units/bukza-bridge-ingest@2"
check "one that does not run is the first" "works migrate worker@1 worker@2 ingest@2 ingest@1" "$(attempt restart) $(restarts)"
installed ingest@1 worker@1
check "one ingest alone is not restarted" "fails " "$(attempt restart) $(restarts)"
check "  a second one is named" yes "$(shows 'systemctl enable --now bukza-bridge-ingest@2')"
installed "${four[@]}"
check "no update without its programs" "fails yes" "$(attempt update) $(shows 'target/release/ingest is missing')"
check "COMPOSE=1 chooses Compose" "docker compose run" "$(COMPOSE=1 bridge --dry-run doctor 2>&1 | cut -d ' ' -f 1-3)"
[ "$failures" = 0 ] || { echo "$failures checks failed"; cat "$dir/output"; exit 1; }
