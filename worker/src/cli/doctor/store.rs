//! Checks PostgreSQL: reachable, writable, with a schema that this build knows; and whether work is stuck.

use std::time::Duration;

use migrations::SchemaState;
use shared::{
    clock::Clock,
    settings::Common,
    store::{self, DatabaseConnection, DbErr, dead_letters, rejected, server, stats},
};

use super::{Finding, machine, statuses, visits};

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
    let found = format!(
        "version {}, {} of {} connections in use",
        state.version, state.connections, state.max_connections
    );
    let postgres = if state.read_only {
        Finding::fail(
            "postgres",
            format!("{found}, read-only"),
            "DATABASE_URL is to be the primary",
        )
    } else if state.connections * 10 > state.max_connections * 9 {
        let remedy = "raise max_connections, or lower DATABASE_POOL or the number of programs";
        Finding::warn("postgres", found, remedy)
    } else {
        Finding::ok("postgres", found)
    };
    let schema = schema(migrations::schema_state(&db).await);
    let current = schema.verdict == super::Verdict::Ok;
    let mut findings = vec![postgres, clocks, schema];
    if current {
        findings.push(match work(&db, clock).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("work", error.to_string(), "look at PostgreSQL's log"),
        });
        findings.push(match statuses::check(&db, common.rules.zone, clock.now()).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("statuses", error.to_string(), "look at PostgreSQL's log"),
        });
        findings.push(match visits::check(&db, common.rules.zone, clock.now()).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail("visits", error.to_string(), "look at PostgreSQL's log"),
        });
    }
    findings
}

fn away(error: &DbErr) -> Finding {
    let remedy = "start PostgreSQL, or mend DATABASE_URL (host, port, password, database)";
    let found = match error {
        // The pool retries and does not report the cause.
        DbErr::ConnectionAcquire(_) => {
            "does not answer: nobody listens there, or it is starting, or full".to_owned()
        }
        error => format!("does not answer: {error}"),
    };
    Finding::fail("postgres", found, remedy)
}

fn schema(state: Result<SchemaState, DbErr>) -> Finding {
    match state {
        Ok(SchemaState::Current) => {
            Finding::ok("schema", format!("current: {}", migrations::newest_known()))
        }
        Ok(SchemaState::Newer { unknown }) => Finding::ok(
            "schema",
            format!("of a newer version that this one can work with: {}", unknown.join(", ")),
        ),
        Ok(SchemaState::Behind { missing }) => {
            Finding::fail("schema", format!("lacks {}", missing.join(", ")), "run `migrate`")
        }
        Ok(SchemaState::Ahead { unknown }) => Finding::fail(
            "schema",
            format!("was migrated by a newer version: {}", unknown.join(", ")),
            "start that version's programs, or restore this one's database",
        ),
        Err(error) => Finding::fail("schema", error.to_string(), "look at PostgreSQL's log"),
    }
}

/// Overdue messages, dead letters and refused requests.
async fn work(db: &DatabaseConnection, clock: &dyn Clock) -> Result<Finding, DbErr> {
    let now = clock.now();
    let (overdue, census) = (stats::overdue(db, now).await?, stats::census(db, now).await?);
    let dead = dead_letters::count_open(db).await?;
    let refused = rejected::count_open(db).await?;
    let found = format!(
        "{} messages planned, {} due and not sent (the oldest for {} s), {dead} dead letters, \
         {refused} refused requests",
        census.planned,
        overdue.messages,
        overdue.oldest.as_secs()
    );
    Ok(if overdue.oldest > OVERDUE {
        Finding::fail(
            "work",
            found,
            "see the workers' logs: Telegram, its limits, or no worker runs",
        )
    } else if dead + refused > 0 {
        Finding::warn("work", found, "look: `worker dead list`, `worker rejected list`")
    } else {
        Finding::ok("work", found)
    })
}
