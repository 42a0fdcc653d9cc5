-- The programs' roles of a database, run by psql as a superuser in that database, and again to change a
-- password:
--   psql -d bukza -v ingest_password=… -v worker_password=… -f roles.sql
-- They are named after the database's owner, whom only `migrate` uses: OWNER_ingest may add to the inbox and
-- read the schema's version, OWNER_worker may read and write rows. `migrate` grants that at each run.
\set ON_ERROR_STOP on
SELECT pg_get_userbyid(datdba) AS owner, current_database() AS database
FROM pg_database WHERE datname = current_database() \gset
SELECT format('CREATE ROLE %I LOGIN', :'owner' || program) FROM unnest(ARRAY['_ingest', '_worker']) AS program
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner' || program) \gexec
SELECT :'owner' || '_ingest' AS ingest, :'owner' || '_worker' AS worker \gset
ALTER ROLE :"ingest" PASSWORD :'ingest_password';
ALTER ROLE :"worker" PASSWORD :'worker_password';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"ingest", :"worker";
