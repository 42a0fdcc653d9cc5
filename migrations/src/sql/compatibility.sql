-- The oldest build that may run on what a migration made, by the newest migration that it knows;
-- empty: every build.
CREATE TABLE schema_compatibility (
    version text PRIMARY KEY,
    needs   text NOT NULL
);
