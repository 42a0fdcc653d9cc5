//! The messages of a booking that wait get new times, after its instants changed without news to anybody.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::queue_of;
use crate::{
    domain::{
        event::VisitTime,
        ids::{BookingId, ChatId, EventId, JobId},
        message::MessageKind,
        retime::{self, Waiting},
        venue::Venue,
    },
    queue::{HORIZON, Job},
    store::{
        QueueWork,
        statement::{all, execute, sql},
    },
};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    slot: String,
    lane: String,
    chat_id: Option<i64>,
    job_id: String,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

/// Gives what waits about this version of a booking the times that follow from its visit. What is being sent, or was
/// sent, stays so. The booking is locked by the caller.
///
/// # Errors
/// When the database fails.
pub async fn retime(
    conn: &impl ConnectionTrait,
    (booking, version): (BookingId, i32),
    visit_time: VisitTime,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const WAITING: &str = "SELECT id, kind, slot, lane, chat_id, job_id, due_at, expires_at \
        FROM messages WHERE booking_id = $1 AND booking_version = $2 \
        AND status || '' = 'scheduled' AND recipient = 'client' AND update_id IS NULL \
        ORDER BY id FOR NO KEY UPDATE";
    // Due beyond the horizon: the reconciler pushes it in time.
    const RETIME: &str = "UPDATE messages m SET due_at = t.due_at, expires_at = t.expires_at, \
        job_id = t.job_id, pushed_at = CASE WHEN t.due_at <= $6 THEN $5 ELSE 'epoch' END, \
        updated_at = $5 \
        FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[]) \
            AS t (id, due_at, expires_at, job_id) \
        WHERE m.id = t.id AND m.status || '' = 'scheduled'";
    let rows: Vec<Row> = all(conn, sql(WAITING, [booking.0.into(), version.into()])).await?;
    let mut waiting: Vec<(Row, Waiting)> = rows.into_iter().filter_map(known).collect();
    retime::retime(waiting.iter_mut().map(|(_, message)| message), visit_time, venue);
    let horizon = now + HORIZON;
    let mut work = QueueWork::default();
    let (mut ids, mut due, mut expiry, mut jobs) = (vec![], vec![], vec![], vec![]);
    for (row, message) in waiting {
        // Whatever follows from a visit expires.
        let Some(expires_at) = message.expires_at else { continue };
        if (row.due_at, row.expires_at) == (message.due_at, Some(expires_at)) {
            continue;
        }
        // Another id: the queue may still hold the job of before.
        let job = JobId(format!("m{}", EventId::fresh()));
        let queue = queue_of(&row.lane)?;
        if let Some(chat) = row.chat_id.filter(|_| message.due_at <= horizon) {
            let wake = if message.due_at <= now { Job::wake_now } else { Job::wake };
            work.push.push(wake(queue, job.clone(), ChatId(chat), message.due_at));
        }
        work.cancel.push(JobId(row.job_id));
        ids.push(row.id);
        due.push(message.due_at);
        expiry.push(expires_at);
        jobs.push(job.0);
    }
    if !ids.is_empty() {
        let values =
            [ids.into(), due.into(), expiry.into(), jobs.into(), now.into(), horizon.into()];
        execute(conn, sql(RETIME, values)).await?;
    }
    Ok(work)
}

/// `None`: of a kind that only a newer version knows.
fn known(row: Row) -> Option<(Row, Waiting)> {
    let waiting = Waiting {
        kind: MessageKind::parse(&row.kind)?,
        dedup_key: row.slot.clone(),
        due_at: row.due_at,
        expires_at: row.expires_at,
    };
    Some((row, waiting))
}
