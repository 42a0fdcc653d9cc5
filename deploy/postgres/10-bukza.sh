#!/bin/bash
# Run once, when the database is made: a role that owns one database and is no superuser. The
# superuser is left without a password: it is reached only from within the container.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE bukza LOGIN PASSWORD :'password';
CREATE DATABASE bukza OWNER bukza;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
