//! Refused requests: listed, shown, and replayed after the cause is fixed.

use sea_orm::EntityTrait;
use shared::{
    bukza::{Fault, lines},
    clock::{Clock, SystemClock},
    domain::venue::Locale,
    queue::Job,
    store::{
        entity::rejected_request::{Entity, Model},
        rejected,
    },
};

use super::{
    Tools, print_line, print_text,
    words::{Words, count, say},
};

/// Lists the open refused requests.
pub(super) async fn list(tools: &Tools, limit: u64) -> anyhow::Result<()> {
    let rows = rejected::open(&tools.db, limit).await?;
    for row in &rows {
        tools.print(&line(row, tools.common.locale))?;
    }
    tools.print(&say("rejected-count").number("n", count(rows.len())))?;
    Ok(())
}

/// Shows one, with its body, and notes that it was read.
pub(super) async fn show(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    tools.print(&described(say("rejected-shown"), &row, tools.common.locale))?;
    tools.print(&say("rejected-cause").with("cause", cause(&row)))?;
    if let Some(at) = row.replayed_at {
        tools.print(&say("rejected-was-replayed").with("at", at.to_string()))?;
    }
    print_line(format_args!("?{}", row.query))?;
    print_text(&row.body)?;
    rejected::read(&tools.db, id, SystemClock.now()).await?;
    Ok(())
}

/// Reads one again under the present rules and settings, as of its receive time. Idempotent: the events'
/// ids derive from the request's.
pub(super) async fn replay(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = find(tools, id).await?;
    let jobs = match rejected::read_again(&row, &tools.common.rules) {
        Ok(jobs) => jobs,
        Err(faults) => {
            let faults = lines(&faults, tools.common.locale);
            return Err(tools.failure(&say("rejected-still").with("faults", faults)));
        }
    };
    let jobs: Vec<Job> = jobs.iter().map(Job::ingest).collect();
    tools.queue()?.push(&jobs).await?;
    rejected::replayed(&tools.db, id, SystemClock.now()).await?;
    let replayed = say("rejected-replayed").with("id", id.to_string());
    tools.print(&replayed.number("n", count(jobs.len())))?;
    Ok(())
}

async fn find(tools: &Tools, id: i64) -> anyhow::Result<Model> {
    let row = Entity::find_by_id(id).one(&tools.db).await?;
    row.ok_or_else(|| tools.failure(&say("rejected-none").with("id", id.to_string())))
}

fn line(row: &Model, locale: Locale) -> Words {
    let line = say("rejected-line").with("id", row.id.to_string()).with("cause", cause(row));
    described(line, row, locale)
}

/// With what each listed request has.
fn described(words: Words, row: &Model, locale: Locale) -> Words {
    let read = row.read_at.map(|at| say("rejected-read").with("at", at.to_string()));
    let faults: Vec<Fault> = serde_json::from_value(row.faults.clone()).unwrap_or_default();
    words
        .with("received", row.received_at.to_string())
        .with("status", row.http_status.to_string())
        .with("read", read.unwrap_or_else(|| "".into()))
        .with("faults", lines(&faults, locale))
}

fn cause(row: &Model) -> &str {
    row.cause.as_deref().unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::words::Wording, texts::fixtures::at};

    #[test]
    fn a_refused_request_and_its_faults_are_listed_in_the_venues_language() {
        let received = at("26.12.2025 11:00");
        let faults = [
            Fault::new("code", "is missing"),
            Fault::new("reservations[1].start", "names a day or hour that does not exist"),
        ];
        let row = Model {
            id: 9,
            request_id: "r9".into(),
            received_at: received,
            query: String::new(),
            content_type: None,
            body: "{}".into(),
            http_status: 422,
            faults: serde_json::to_value(faults).unwrap(),
            replayed_at: None,
            created_at: received,
            cause: Some("code:missing start:no-such-time".into()),
            read_at: Some(received),
        };
        let listed = |locale| Wording::of(locale).text(&line(&row, locale));
        assert_eq!(
            listed(Locale::Ru),
            "9  2025-12-26 06:00:00 UTC  ответ 422  [code:missing start:no-such-time], прочитан \
             2025-12-26 06:00:00 UTC: code: не указано; reservations[1].start: такого дня или часа не бывает"
        );
        assert_eq!(
            listed(Locale::En),
            "9  2025-12-26 06:00:00 UTC  answered 422  [code:missing start:no-such-time], read \
             2025-12-26 06:00:00 UTC: code is missing; reservations[1].start names a day or hour that does not exist"
        );
    }
}
