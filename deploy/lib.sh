# Shared by backup and restore: where PostgreSQL is. Sourced, not run.
# With COMPOSE=1 it is the service `postgres` of the project's docker-compose.yml. Otherwise it is
# DATABASE_URL, from the environment or from .env of the current folder.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Prints a setting from the environment, or else from .env. Prints nothing if it is not set.
if [ -n "${COMPOSE:-}" ]; then dotenv=$project/.env; else dotenv=.env; fi
setting() {
    local value=${!1:-}
    [ -n "$value" ] || value=$(sed -n "s/^$1=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}$/\1/p" "$dotenv" 2> /dev/null) || true
    printf '%s' "$value"
}

if [ -n "${COMPOSE:-}" ]; then
    compose() {
        if docker compose version > /dev/null 2>&1; then
            (cd "$project" && docker compose "$@")
        else
            (cd "$project" && docker-compose "$@")
        fi
    }
    pg() { compose exec -T -e PGUSER=postgres -e PGDATABASE=bukza postgres "$@"; }
    role=bukza
else
    DATABASE_URL=$(setting DATABASE_URL)
    [[ $DATABASE_URL =~ ^postgres(ql)?://([^:@/]+)(:([^@/]*))?@([^:/]+)(:([0-9]+))?/([^?]+) ]] ||
        die "DATABASE_URL is missing or not postgres://user:password@host:port/database"
    decode() { printf '%b' "${1//%/\\x}"; }
    # Passed in the environment: other users could see them on a command line.
    PGUSER=$(decode "${BASH_REMATCH[2]}") PGPASSWORD=$(decode "${BASH_REMATCH[4]}")
    PGHOST=${BASH_REMATCH[5]} PGPORT=${BASH_REMATCH[7]:-5432} PGDATABASE=$(decode "${BASH_REMATCH[8]}")
    export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE
    pg() { "$@"; }
    role=$PGUSER
fi
