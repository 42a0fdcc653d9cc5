#!/bin/bash
# Runs once, when the database is created. Creates a role that owns one database and is no superuser,
# and the programs' roles (roles.psql).
# The superuser has no password, so it can only connect from within the container.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE bukza LOGIN PASSWORD :'password';
CREATE DATABASE bukza OWNER bukza;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
SQL
psql --username postgres --dbname bukza --set ingest_password="$POSTGRES_INGEST_PASSWORD" \
    --set worker_password="$POSTGRES_WORKER_PASSWORD" --file /docker-entrypoint-initdb.d/roles.psql
psql --username postgres --command 'ALTER ROLE postgres PASSWORD NULL'
