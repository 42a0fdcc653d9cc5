# shellcheck shell=bash
# Shared by backup, restore and nginx-settings: settings, and where PostgreSQL is. Sourced, not run.
# With COMPOSE=1 the servers are services of the project's docker-compose.yml. Otherwise PostgreSQL is
# at DATABASE_URL. Settings are read from the environment, or from .env of the current folder (with
# COMPOSE=1 of the project's).

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -n "${COMPOSE:-}" ]; then dotenv=$project/.env; else dotenv=.env; fi

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Prints a setting from the environment, or else from .env, or else the content of the file that NAME_FILE
# names. Prints nothing if it is not set.
setting() {
    local value
    value=$(lookup "$1")
    if [ -z "$value" ] && [ -n "$(lookup "$1_FILE")" ]; then value=$(< "$(lookup "$1_FILE")"); fi
    printf '%s' "$value"
}
lookup() {
    local value=${!1:-}
    [ -n "$value" ] || value=$(sed -n "s/^$1=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}$/\1/p" "$dotenv" 2> /dev/null) || true
    printf '%s' "$value"
}

compose() {
    if docker compose version > /dev/null 2>&1; then
        (cd "$project" && docker compose "$@")
    else
        (cd "$project" && docker-compose "$@")
    fi
}

# Runs a client of PostgreSQL as the role that owns the database. Call find_database first.
pg() {
    if [ -n "${COMPOSE:-}" ]; then
        # In the container, whose environment has the owner's password.
        # shellcheck disable=SC2016 # The container's shell expands it.
        compose exec -T -e PGUSER=bukza -e PGDATABASE=bukza postgres \
            sh -c 'PGPASSWORD=$POSTGRES_PASSWORD exec "$@"' sh "$@"
    else
        "$@"
    fi
}

find_database() {
    if [ -n "${COMPOSE:-}" ]; then return; fi
    DATABASE_URL=$(setting DATABASE_URL)
    [[ $DATABASE_URL =~ ^postgres(ql)?://([^:@/]+)(:([^@/]*))?@([^:/]+)(:([0-9]+))?/([^?]+) ]] ||
        die "DATABASE_URL is missing or not postgres://user:password@host:port/database"
    decode() { printf '%b' "${1//%/\\x}"; }
    # Passed in the environment: other users could see them on a command line.
    PGUSER=$(decode "${BASH_REMATCH[2]}") PGPASSWORD=$(decode "${BASH_REMATCH[4]}")
    PGHOST=${BASH_REMATCH[5]} PGPORT=${BASH_REMATCH[7]:-5432} PGDATABASE=$(decode "${BASH_REMATCH[8]}")
    export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE
}
