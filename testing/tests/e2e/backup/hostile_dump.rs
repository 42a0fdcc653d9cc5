//! A dump that somebody changed: its statements run as the role that owns the database, which may start no
//! program. With Docker Compose, too: `docker` is a script here, and PostgreSQL the test's own.

use std::path::Path;

use super::{admin, back_up, refused, replace_program, script};
use crate::common::{Options, Outcome, World};
use anyhow::Context;

/// Statements that leave the owner's role, or need more than it has. FILE is what the server's account
/// would create.
const STATEMENTS: [&str; 4] = [
    "RESET ROLE; COPY (SELECT 1) TO PROGRAM 'touch FILE';",
    "SET SESSION AUTHORIZATION postgres; COPY (SELECT 1) TO PROGRAM 'touch FILE';",
    "RESET ROLE; COPY (SELECT 1) TO 'FILE';",
    "RESET ROLE; CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS 'x';",
];

/// `docker compose exec -T -e NAME=VALUE… postgres PROGRAM ARGUMENT…`, on the test's server. PostgreSQL's
/// image trusts its own socket.
const DOCKER: &str = r#"#!/bin/bash
if [ "$2" = version ]; then exit 0; fi
shift 2
while [ "$1" != postgres ]; do
    if [ "$1" = -e ]; then export "$2"; shift; fi
    shift
done
shift
if [ "$PGUSER" = postgres ]; then export PGPASSWORD=$SUPERUSER; fi
exec "$@"
"#;

/// Replaces the definition of the function `payload` in a dump of PostgreSQL's custom format.
fn change(dump: &Path, to: &Path, statement: &str) -> Outcome {
    let mut bytes = std::fs::read(dump)?;
    let find = |from: usize, words: &[u8]| {
        let at = bytes[from..].windows(words.len()).position(|window| window == words);
        at.map(|at| from + at).with_context(|| String::from_utf8_lossy(words).into_owned())
    };
    let start = find(0, b"CREATE FUNCTION public.payload")?;
    let end = find(start, b"x' $$;")? + 6;
    let width = end - start;
    bytes.splice(start..end, format!("{statement:width$}").into_bytes());
    Ok(std::fs::write(to, bytes)?)
}

#[tokio::test]
async fn a_changed_dump_runs_nothing_as_the_servers_account() -> Outcome {
    let options = Options::default().own_servers().ingests(0).workers(0);
    let mut world = World::start(options).await?;
    // A text that leaves room for each statement.
    let text = "x".repeat(200);
    let payload = format!(
        "CREATE FUNCTION public.payload() RETURNS text LANGUAGE sql AS $$ SELECT '{text}' $$"
    );
    world.database.execute(&payload).await?;
    let taken = back_up(&world.folder.join("backups"), &world).await?;
    let (dump, changed) = (taken.join("database.dump"), world.folder.join("changed.dump"));
    let created = std::env::temp_dir().join(format!("created-by-{}", world.database.name));

    let admin = admin(&mut world).await?;
    admin.execute("CREATE ROLE bukza LOGIN PASSWORD 'owner'").await?;
    let postgres = world.host.postgres()?;
    let (port, superuser) = (postgres.port(), postgres.url("bukza"));
    let owner = format!("postgres://bukza:owner@127.0.0.1:{port}/bukza");
    let password = superuser.split([':', '@']).nth(2).context("a password")?;
    let path = replace_program(&world, "docker", DOCKER)?;
    for statement in STATEMENTS {
        change(&dump, &changed, &statement.replace("FILE", &created.to_string_lossy()))?;
        for compose in ["", "1"] {
            admin.execute("DROP DATABASE IF EXISTS bukza").await?;
            admin.execute("CREATE DATABASE bukza OWNER bukza").await?;
            let mut restore = script("restore", &changed, &world)?;
            restore.env("DATABASE_URL", &owner).env("COMPOSE", compose).env("PATH", &path);
            restore.env("PGHOST", "127.0.0.1").env("PGPORT", port.to_string());
            restore.env("POSTGRES_PASSWORD", "owner").env("SUPERUSER", password);
            let output = restore.output().await?;
            assert!(!created.exists(), "COMPOSE={compose} {statement}");
            refused(&output, "ERROR: ")?;
        }
    }
    // Not even with the superuser's own URL.
    let mut restore = script("restore", &dump, &world)?;
    refused(&restore.env("DATABASE_URL", &superuser).output().await?, "may run programs")
}
