# shellcheck shell=sh disable=SC2034,SC2154 # Variables of bridge: dry, folder, project, wait, note.
# What the commands of bridge do with Docker Compose. Sourced by bridge.

installation=$project
backups=${BACKUPS:-/var/backups/bukza-bridge}

compose() {
    if docker compose version > /dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}
run_compose() {
    if [ -n "$dry" ]; then echo "docker compose $*"; else compose "$@"; fi
}

ready_to_run() {
    command -v docker > /dev/null || die "there is neither a unit bukza-bridge-migrate nor docker"
    cd "$project" || exit
    compose ps -q ingest > /dev/null || die "docker compose does not answer here: see above"
}

# The databases' containers refuse an empty password. Nothing is replaced by one that will not start.
needs_passwords() {
    missing=$(compose config | sed -nE "s/^ *((POSTGRES|REDIS)_([A-Z]+_)?PASSWORD): (\"\"|'')\$/\1/p" | sort -u | xargs)
    [ -z "$missing" ] || die "nothing was changed: .env does not set $missing. ./setup makes what is missing"
}

running() { compose ps ingest worker; }

# A value of .env, or of the file that NAME_FILE names there: dotenv NAME
dotenv() {
    value=$(sed -n "s/^$1=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}$/\1/p" .env 2> /dev/null | tail -n 1)
    case $value$1 in
        "$1") file=$(sed -n "s/^$1_FILE=//p" .env 2> /dev/null | tail -n 1) && [ -z "$file" ] || cat "$file" ;;
        *) echo "$value" ;;
    esac
}

# A release's image is pulled. Where the sources are, docker-compose.override.yml builds it.
is_built() { compose config | grep -q '^ *build:'; }

# are_healthy ID...
are_healthy() {
    for container; do
        [ "$(docker inspect --format '{{.State.Health.Status}}' "$container" 2> /dev/null)" = healthy ] || return 1
    done
}
become_healthy() {
    if [ -n "$dry" ]; then
        echo "# until they are healthy"
        return
    fi
    seconds=0
    until are_healthy "$@"; do
        [ "$seconds" -lt "$wait" ] || return 1
        sleep 1
        seconds=$((seconds + 1))
    done
}

# Ingests that are not among those of before.
new_ingests() {
    for id in $(compose ps -a -q ingest); do
        case "
$old
" in *"
$id
"*) ;; *) echo "$id" ;; esac
    done
}
# Removes ingests that were added and may never be healthy: nginx takes what they answer for an answer.
adding=''
undo() {
    [ -n "$adding" ] || return 0
    added=$(new_ingests)
    # shellcheck disable=SC2086 # Ids.
    [ -z "$added" ] || docker rm --force $added > /dev/null
}

# Both workers are recreated: messages wait meanwhile, and requests are accepted. So is `migrate`: otherwise the last
# `up -d` would recreate it, and all ingests with it at once.
replace_workers() {
    step "the workers"
    kept=$(compose ps -q worker)
    run_compose up -d worker || stop "the workers can't be replaced"
    # Compose sees no change of venue/venue.toml, which the workers read at their start.
    if [ -z "$dry" ] && [ -n "$kept" ] && [ "$(compose ps -q worker)" = "$kept" ]; then
        run_compose restart worker || stop "the workers can't be restarted"
    fi
    # shellcheck disable=SC2046 # Ids.
    become_healthy $(compose ps -q worker) && return
    compose logs --tail 20 worker >&2 || true
    stop "the workers are not healthy after $wait s"
}

# New ingests start beside those of before, which stop, one after the other, when all of the new ones are healthy.
# shellcheck disable=SC2086 # Lists of ids.
replace_ingests() {
    step "the ingests"
    # Also those that ended: Compose would start them again.
    old=$(compose ps -a -q ingest)
    number=$(count $old)
    [ "$number" != 0 ] || return 0
    added=$number
    [ "$added" -ge 2 ] || added=2
    adding=1
    run_compose up -d --no-recreate --scale "ingest=$((number + added))" ingest || stop "no new ingests can be started"
    new=$(new_ingests)
    become_healthy $new || {
        for id in $new; do docker logs --tail 10 "$id" >&2 || true; done
        stop "the new ingests are not healthy after $wait s, and were removed"
    }
    # nginx finds new addresses, and drops old ones, within two seconds.
    pause 3
    adding=''
    phase "$middle. New ingests accept requests, and of those before the ones below" \
        "correct the cause, and repeat the command: it replaces all of them"
    for id in $old; do
        [ -n "$dry" ] || are_healthy $new || stop "a new ingest is not healthy any more"
        run_line "docker stop $id > /dev/null && docker rm $id > /dev/null" || stop "$id can't be stopped and removed"
        pause 3
    done
}

# nginx may have been recreated just before.
nginx_settings() {
    [ -n "$dry" ] || [ -n "$(compose ps -q nginx)" ] || return 0
    step "nginx"
    for attempt in 1 2 3 4 5; do
        run_line "COMPOSE=1 '$folder/nginx-settings'" && run_compose exec -T nginx nginx -t -q &&
            run_compose exec -T nginx nginx -s reload && return
        [ "$attempt" = 5 ] || pause 2
    done
    note="nginx did not take the secrets of .env (see above). Requests are accepted; repeat: deploy/bridge restart"
}

roll() { # update|rollback|restart
    needs_passwords
    if [ -n "$(compose ps -q ingest)" ]; then before="all programs run as before"; else before="nothing runs"; fi
    phase "nothing was changed"
    if [ "$1" = restart ]; then
        phase "$before, without what changed in .env"
    else
        [ "$1" = rollback ] || backup_first
        step "the image"
        if is_built; then
            run_compose build || stop "the image can't be built"
        else
            run_compose pull -q migrate ingest worker || stop "the image can't be pulled"
        fi
    fi
    phase "$before. The next start would use the new settings and image" \
        "correct the cause, and repeat the command. Until then no docker compose up -d: it would refuse requests"
    step "the schema"
    run_compose run --rm -T migrate || stop "the schema can't be brought up to date"
    middle="the schema is up to date; programs of before run on it, too"
    if [ "$1" = rollback ]; then
        phase "$middle. No program was replaced"
        replace_ingests
        phase "$middle. The ingests are replaced, and accept requests. Messages wait while no worker is healthy"
        replace_workers
    else
        phase "$middle. The ingests are those of before, and accept requests. Messages wait while no worker is healthy"
        replace_workers
        phase "$middle. The workers are replaced. The ingests are those of before, and accept requests"
        replace_ingests
    fi
    phase "workers and ingests are replaced; see docker compose ps for the rest"
    step "everything else"
    run_compose up -d || stop "not all services start"
    nginx_settings
}

# HTTPS needs a certificate, and the proof for the first one an nginx without HTTPS. Not without a host name of ours.
first_certificate() {
    site=${NGINX_SITE:-$(dotenv NGINX_SITE)} host=$(dotenv WEBHOOK_HOST)
    [ "${site:-https}" = https ] || return 0
    host=${host#https://} host=${host%/}
    case $host in '' | *[!A-Za-z0-9.-]*) return 0 ;; esac
    if [ -z "$dry" ] && compose run --rm -T --no-deps --entrypoint test certbot \
        -e /etc/letsencrypt/live/bridge/fullchain.pem; then
        return 0
    fi
    step "the first certificate"
    phase "nginx serves plain HTTP alone, and no program runs" "correct the cause, and repeat the command"
    (export NGINX_SITE=http && run_compose up -d --no-deps nginx) || stop "nginx can't be started"
    run_compose run --rm -T --no-deps --entrypoint certbot certbot certonly --non-interactive --webroot \
        --webroot-path /var/www/acme --cert-name bridge -d "$host" --agree-tos --register-unsafely-without-email ||
        stop "no certificate for $host: does the name lead to this server, and is port 80 open from outside"
    phase "the certificate is there, and no program runs" "correct the cause, and repeat the command"
}

start() {
    needs_passwords
    # What runs is not recreated: requests would be refused meanwhile.
    if [ -n "$(compose ps -q ingest)" ]; then
        run_compose up -d --no-recreate || stop "not all services start"
        note="what ran before kept its settings: deploy/bridge restart brings a changed .env into force"
    else
        first_certificate
        run_compose up -d || stop "not all services start"
    fi
    # shellcheck disable=SC2046 # Ids.
    become_healthy $(compose ps -q ingest) $(compose ps -q worker) ||
        stop "not all are healthy after $wait s: docker compose ps, deploy/bridge logs"
    nginx_settings
}

worker() {
    if [ -n "$(compose ps -q worker)" ]; then
        run_compose exec -T worker worker "$@"
    else
        run_compose run --rm -T --no-deps worker worker "$@"
    fi
}

# In a container of its own: it sees the backups and the server's time zones, to which no worker has a right, and the .env as
# it is now.
doctor() {
    zones=${TZDIR:-/usr/share/zoneinfo}
    set --
    [ ! -d "$backups" ] || set -- -v "$backups:/var/backups/bukza-bridge:ro"
    [ ! -d "$zones" ] || set -- "$@" -v "$zones:/usr/share/zoneinfo:ro"
    run_compose run --rm -T --no-deps --user root "$@" worker worker doctor
}

# The worker's container has neither Bukza's secret nor its path.
check() {
    path=$(dotenv WEBHOOK_PATH)
    dotenv BUKZA_WEBHOOK_SECRET | worker setup --check --secret-file - ${path:+--set "WEBHOOK_PATH=$path"}
}

backup() { run_line "COMPOSE=1 '$folder/backup' '${1:-$backups}'"; }

restore() {
    [ -z "$(compose ps -q ingest)$(compose ps -q worker)" ] || die "the programs run: docker compose stop ingest worker"
    run_line "COMPOSE=1 '$folder/restore' '$1'" || stop "the backup was not restored"
    # migrate runs again, and grants the programs' roles what they need.
    phase "the data are restored, and the programs do not all run" "deploy/bridge start"
    start
    # Keeps everybody else out of a new database.
    # shellcheck disable=SC2016 # The container's shell expands it.
    run_compose exec -T postgres sh -c 'psql -q -U postgres -d bukza -v ingest_password=$POSTGRES_INGEST_PASSWORD \
        -v worker_password=$POSTGRES_WORKER_PASSWORD -f /docker-entrypoint-initdb.d/roles.psql' ||
        stop "the programs run, but roles.psql failed (docs/docker.md)"
}

logs() {
    if [ -n "$1" ]; then set -- "$1"; else set -- ingest worker; fi
    if [ -t 1 ]; then set -- --follow "$@"; fi
    run_compose logs --tail 100 "$@"
}
