//! Answers to the staff that still wait: what repeats is answered once, and a flood of commands keeps no cards waiting.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::JobRow;
use crate::{
    domain::{ids::ChatId, staff_answer::StaffAnswer},
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// Most answers that wait in the staff's chat beside the new ones. The oldest give way.
const WAITING: i64 = 20;

/// Cancels waiting answers that are the same as one of these, and the oldest of too many.
///
/// # Errors
/// When the database fails.
pub async fn cancel_replaced_staff_answers(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    answers: &[StaffAnswer],
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'replaced', \
        updated_at = $4 WHERE id = ANY (ARRAY(SELECT m.id FROM (SELECT id, \
            row_number() OVER (ORDER BY id DESC) AS newer, \
            content -> 'staff_answer' -> 'answer' AS answer FROM messages \
            WHERE chat_id = $1 AND status = 'scheduled' AND kind = 'staff_answer') AS w \
        JOIN messages m ON m.id = w.id WHERE m.status = 'scheduled' AND (w.newer > $3 \
            OR w.answer = ANY (ARRAY(SELECT a::jsonb FROM unnest((SELECT $2::text[])) AS a))) \
        ORDER BY m.id FOR NO KEY UPDATE OF m)) \
        RETURNING false AS planned, job_id, lane, chat_id, due_at";
    let answers: Result<Vec<String>, _> = answers.iter().map(serde_json::to_string).collect();
    let answers = answers.map_err(|error| DbErr::Json(error.to_string()))?;
    let values = [staff.0.into(), answers.into(), WAITING.into(), now.into()];
    JobRow::work(all(conn, sql(CANCEL, values)).await?, now)
}
