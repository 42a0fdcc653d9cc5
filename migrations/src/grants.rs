//! The rights of the programs' own roles, granted again at each run: a migration may have added a table.
//! `deploy/postgres/roles.psql` creates the roles; without them nothing is granted.

/// ingest adds to the inbox and reads the schema's version. worker reads and writes rows, but changes no schema.
pub(crate) const GRANTS: &str = "
DO $$
DECLARE
    ingest name := current_user || '_ingest';
    worker name := current_user || '_worker';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = ingest) THEN
        EXECUTE format('GRANT INSERT ON inbox TO %I', ingest);
        EXECUTE format('GRANT SELECT ON seaql_migrations, schema_compatibility TO %I', ingest);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = worker) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', worker);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON seaql_migrations, schema_compatibility FROM %I', worker);
    END IF;
END $$";
