//! Checks the sign-in to Bukza's API and the columns of its table, where they are set.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use shared::{
    bukza::cause,
    clock::{Clock, SystemClock},
    domain::table_columns::TableField,
    settings::{BukzaAccess, BukzaApi, WorkerSettings},
};

use super::{Finding, Words, say};
use crate::bukza_table::{BukzaTable, FormFault, Snapshot, TableError};

const ABOUT: &str = "bukza table";
/// Longest reading, with the requests that are repeated.
const TIMEOUT: Duration = Duration::from_secs(90);
/// The days to come whose rows are read.
const DAYS: i64 = 14;
/// Columns without which a booking from the table lacks what clients or staff need.
const WANTED: &[TableField] =
    &[TableField::Phone, TableField::Name, TableField::Service, TableField::Order];

/// `None`: the table is not read.
pub(super) async fn check(settings: &WorkerSettings) -> Option<Finding> {
    let api = settings.bukza_api.as_ref()?;
    let read = tokio::time::timeout(TIMEOUT, read(api, settings)).await;
    Some(match read {
        Ok(Ok(snapshot)) => judge(&snapshot),
        Ok(Err(error)) => failed(&error, api),
        Err(_) => Finding::fail(ABOUT, say("table-silent"), say("table-mend-way")),
    })
}

async fn read(api: &BukzaApi, settings: &WorkerSettings) -> Result<Snapshot, TableError> {
    let clock = Arc::new(SystemClock);
    let now = clock.now();
    let table = BukzaTable::new(api, &settings.common.rules, clock)?;
    table.snapshot(now, now + TimeDelta::days(DAYS)).await
}

fn judge(snapshot: &Snapshot) -> Finding {
    let counted = |key| say(key).number("rows", snapshot.bookings.len() as u64);
    if snapshot.left_out_count > 0 {
        let faults: Vec<_> = snapshot.left_out.iter().flat_map(|row| row.faults.clone()).collect();
        let found = counted("table-left-out").number("left", snapshot.left_out_count as u64);
        return Finding::warn(ABOUT, found.with("faults", cause(&faults)), say("table-mend-rows"));
    }
    if snapshot.bookings.is_empty() {
        return Finding::ok(ABOUT, say("table-empty"));
    }
    let lacks: Vec<Words> = WANTED
        .iter()
        .filter(|field| !snapshot.fields.contains(field))
        .map(|field| field.as_str().into())
        .collect();
    if lacks.is_empty() {
        return Finding::ok(ABOUT, counted("table-read"));
    }
    Finding::warn(ABOUT, counted("table-lacks").list("fields", lacks), say("table-add-columns"))
}

fn failed(error: &TableError, api: &BukzaApi) -> Finding {
    let found = match error {
        TableError::NotUnderstood(FormFault::ColumnsAbsent { absent, there }) => {
            let absent = absent.iter().map(|field| field.as_str().into());
            let there = there.iter().map(|name| name.as_str().into());
            say("table-absent").list("fields", absent).list("there", there)
        }
        TableError::CredentialsRefused { status } => {
            say("table-refused").with("status", status.to_string())
        }
        other => say("table-trouble").with("error", other.to_string()),
    };
    let remedy = match (error, &api.access) {
        (TableError::CredentialsRefused { .. }, BukzaAccess::Account { .. }) => {
            say("table-mend-account")
        }
        (TableError::CredentialsRefused { .. }, BukzaAccess::Token(_)) => say("table-mend-token"),
        (TableError::NotUnderstood(FormFault::ColumnsAbsent { .. }), _) => say("table-add-columns"),
        (TableError::NotUnderstood(_) | TableError::TooManyRows { .. }, _) => {
            say("table-mend-form")
        }
        (
            TableError::Unreachable { .. } | TableError::Limited { .. } | TableError::Paused { .. },
            _,
        ) => say("table-mend-way"),
    };
    Finding::fail(ABOUT, found, remedy)
}
