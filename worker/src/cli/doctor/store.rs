//! Checks PostgreSQL: reachable, writable, with a schema that this build knows; and whether work is stuck.

use std::time::Duration;

use migrations::SchemaState;
use shared::{
    clock::Clock,
    settings::Common,
    store::{self, DatabaseConnection, DbErr, dead_letters, rejected, server, stats},
};

use super::{Finding, machine, say, statuses, visits};

/// Messages overdue for longer are stuck. The alert `MessagesOverdue` has the same limit.
const OVERDUE: Duration = Duration::from_secs(180);

pub(super) async fn check(common: &Common, clock: &dyn Clock) -> Vec<Finding> {
    let db = match store::connect(&common.database_url, 1).await {
        Ok(db) => db,
        Err(error) => return vec![away(&error)],
    };
    let before = clock.now();
    let state = match server::state(&db).await {
        Ok(state) => state,
        Err(error) => return vec![away(&error)],
    };
    let clocks = machine::clock("pg clock", state.now, before, clock.now());
    let found = |key| {
        let found = say(key).with("version", state.version.clone());
        let found = found.with("used", state.connections.to_string());
        found.with("most", state.max_connections.to_string())
    };
    let postgres = if state.read_only {
        Finding::fail("postgres", found("postgres-read-only"), say("postgres-primary"))
    } else if state.connections * 10 > state.max_connections * 9 {
        Finding::warn("postgres", found("postgres-connections"), say("postgres-raise"))
    } else {
        Finding::ok("postgres", found("postgres-connections"))
    };
    let schema = schema(migrations::schema_state(&db).await);
    let current = schema.verdict == super::Verdict::Ok;
    let mut findings = vec![postgres, clocks, schema];
    if current {
        findings.push(match work(&db, clock).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("work", error.to_string(), say("postgres-log")),
        });
        findings.push(match statuses::check(&db, common.rules.zone, clock.now()).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("statuses", error.to_string(), say("postgres-log")),
        });
        findings.push(match visits::check(&db, common.rules.zone, clock.now()).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("visits", error.to_string(), say("postgres-log")),
        });
    }
    findings
}

fn away(error: &DbErr) -> Finding {
    let found = match error {
        // The pool retries and does not report the cause.
        DbErr::ConnectionAcquire(_) => say("postgres-silent"),
        error => say("does-not-answer").with("error", error.to_string()),
    };
    Finding::fail("postgres", found, say("postgres-start"))
}

fn schema(state: Result<SchemaState, DbErr>) -> Finding {
    let about = "schema";
    match state {
        Ok(SchemaState::Current) => {
            Finding::ok(about, say("schema-current").with("name", migrations::newest_known()))
        }
        Ok(SchemaState::Newer { unknown }) => {
            Finding::ok(about, say("schema-newer").with("names", unknown.join(", ")))
        }
        Ok(SchemaState::Behind { missing }) => {
            let found = say("schema-behind").with("names", missing.join(", "));
            Finding::fail(about, found, say("schema-migrate"))
        }
        Ok(SchemaState::Ahead { unknown }) => {
            let found = say("schema-ahead").with("names", unknown.join(", "));
            Finding::fail(about, found, say("schema-ahead-start"))
        }
        Err(error) => Finding::fail(about, error.to_string(), say("postgres-log")),
    }
}

/// Overdue messages, dead letters and refused requests.
async fn work(db: &DatabaseConnection, clock: &dyn Clock) -> Result<Finding, DbErr> {
    let now = clock.now();
    let (overdue, census) = (stats::overdue(db, now).await?, stats::census(db, now).await?);
    let dead = dead_letters::count_open(db).await?;
    let refused = rejected::count_open(db).await?;
    let found = say("work-found")
        .with("planned", census.planned.to_string())
        .with("due", overdue.messages.to_string())
        .with("oldest", overdue.oldest.as_secs().to_string())
        .with("dead", dead.to_string())
        .with("refused", refused.to_string());
    Ok(if overdue.oldest > OVERDUE {
        Finding::fail("work", found, say("work-overdue"))
    } else if dead + refused > 0 {
        Finding::warn("work", found, say("work-look"))
    } else {
        Finding::ok("work", found)
    })
}
