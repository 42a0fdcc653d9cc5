//! The rest of a deletion: messages that were being sent, and the last answer, lose chat and content once they ended.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::store::statement::{execute, sql};

/// Finishes deletions, a bounded number at a time. Returns how many messages lost what was personal.
///
/// # Errors
/// When the database fails.
pub async fn finish(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    const WIPE: &str = "UPDATE messages m SET about_chat_id = NULL, content = NULL, updated_at = $1, \
        chat_id = CASE WHEN recipient = 'client' THEN NULL ELSE chat_id END, \
        telegram_message_id = CASE WHEN recipient = 'client' THEN NULL ELSE telegram_message_id END \
        WHERE id = ANY (ARRAY(SELECT m.id FROM (SELECT unfinished, update_id FROM deletions \
            WHERE finished_at IS NULL ORDER BY id LIMIT 100) d \
            JOIN messages m ON m.id = ANY (d.unfinished) OR m.update_id = d.update_id \
            WHERE m.status NOT IN ('scheduled', 'sending') AND m.content IS NOT NULL \
            OR m.status NOT IN ('scheduled', 'sending') AND m.recipient = 'client' \
            AND m.chat_id IS NOT NULL ORDER BY m.id FOR NO KEY UPDATE OF m SKIP LOCKED))";
    const FINISHED: &str = "UPDATE deletions d SET finished_at = $1 WHERE finished_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM messages m \
            WHERE (m.id = ANY (d.unfinished) OR m.update_id = d.update_id) \
            AND (m.status IN ('scheduled', 'sending') OR m.content IS NOT NULL \
                 OR m.recipient = 'client' AND m.chat_id IS NOT NULL))";
    let wiped = execute(conn, sql(WIPE, [now.into()])).await?;
    execute(conn, sql(FINISHED, [now.into()])).await?;
    Ok(wiped)
}
