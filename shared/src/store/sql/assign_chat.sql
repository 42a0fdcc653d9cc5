-- Gives chat $2 to all planned messages of client $1's bookings that have another one, or none. What is due
-- after $4 is not pushed yet.
WITH waiting AS (
    SELECT m.id, m.job_id AS old_job_id,
        -- A confirmation that waited is not followed by a reminder whose time has passed.
        m.kind = 'reminder' AND m.due_at <= $3 AND EXISTS (
            SELECT 1 FROM messages c
            WHERE c.booking_id = m.booking_id AND c.booking_version = m.booking_version
              AND c.kind IN ('confirmation', 'moved') AND COALESCE(c.status, '') = 'scheduled') AS is_late
    FROM messages m
    WHERE m.booking_id = ANY (ARRAY(SELECT id FROM bookings WHERE user_id = $1))
      -- COALESCE: they are found by their booking, not among all that wait.
      AND COALESCE(m.status, '') = 'scheduled' AND m.recipient = 'client' AND m.update_id IS NULL
      AND m.chat_id IS DISTINCT FROM $2
    ORDER BY m.id FOR UPDATE OF m
), late AS (
    UPDATE messages m SET status = 'cancelled', reason = 'its_time_passed', updated_at = $3
    FROM waiting w WHERE m.id = w.id AND w.is_late
), addressed AS (
    UPDATE messages m
    SET chat_id = $2, updated_at = $3,
        pushed_at = CASE WHEN m.due_at <= $4 THEN $3 ELSE 'epoch' END,
        -- After the answer to what brought the client here ("your number is saved").
        due_at = GREATEST(m.due_at, $3 + interval '1 millisecond'),
        job_id = 'm' || replace(gen_random_uuid()::text, '-', '')
    FROM waiting w WHERE m.id = w.id AND NOT w.is_late
    RETURNING m.job_id, m.lane, m.chat_id, m.due_at, m.pushed_at
)
SELECT true AS planned, job_id, lane, chat_id, due_at FROM addressed
WHERE pushed_at > 'epoch'
UNION ALL
SELECT false, old_job_id, 'bulk', NULL, $3 FROM waiting
