//! The schema as the migrations make it: columns, indexes, constraints, and which migrations there are.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{common::database, held::hold};

const COLUMNS: &str = "SELECT concat_ws(' ', c.relname || '.' || a.attname, \
    format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END, \
    CASE a.attidentity WHEN 'd' THEN 'IDENTITY' WHEN 'a' THEN 'IDENTITY ALWAYS' END, \
    'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS line \
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 \
    AND NOT a.attisdropped";
const INDEXES: &str = "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'";
// PostgreSQL 18 lists NOT NULL here, too.
const CONSTRAINTS: &str = "SELECT concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid)) \
    AS line FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
    WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 'n'";
const MIGRATIONS: &str = "SELECT version AS line FROM seaql_migrations";
const COMPATIBILITY: &str =
    "SELECT concat_ws(' needs ', version, nullif(needs, '')) AS line FROM schema_compatibility";

/// A title, and below it the lines that a query finds, in the order of their bytes.
async fn part(db: &DatabaseConnection, title: &str, query: &str) -> String {
    let query = Statement::from_string(DbBackend::Postgres, query.to_owned());
    let rows = db.query_all_raw(query).await.unwrap();
    let mut lines: Vec<String> = rows.iter().map(|row| row.try_get("", "line").unwrap()).collect();
    assert!(!lines.is_empty(), "{title}");
    lines.sort_unstable();
    format!("# {title}\n{}\n", lines.join("\n"))
}

#[tokio::test]
async fn the_schema_is_as_the_file_says() {
    let db = database().await;
    let mut text = String::new();
    for (title, query) in [
        ("columns", COLUMNS),
        ("indexes", INDEXES),
        ("constraints", CONSTRAINTS),
        ("migrations", MIGRATIONS),
        ("compatibility", COMPATIBILITY),
    ] {
        text.push_str(&part(&db, title, query).await);
    }
    hold("schema.txt", &text);
}
