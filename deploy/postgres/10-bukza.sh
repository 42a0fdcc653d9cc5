#!/bin/bash
# Runs once, when the database is created. Creates a role that owns one database and is no superuser.
# The superuser has no password, so it can only connect from within the container.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE bukza LOGIN PASSWORD :'password';
CREATE DATABASE bukza OWNER bukza;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
