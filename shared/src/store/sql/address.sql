-- Gives chat $2 to all planned messages of client $1's bookings that have another one, or none.
WITH waiting AS (
    SELECT m.id, m.job_id AS old_job_id
    FROM messages m
    WHERE m.booking_id = ANY (ARRAY(SELECT id FROM bookings WHERE user_id = $1))
      AND m.status = 'scheduled' AND m.recipient = 'client' AND m.update_id IS NULL
      AND m.chat_id IS DISTINCT FROM $2
    FOR UPDATE OF m
), addressed AS (
    UPDATE messages m
    SET chat_id = $2, pushed_at = $3, updated_at = $3,
        -- After the answer to what brought the client here ("your number is saved").
        due_at = GREATEST(m.due_at, $3 + interval '1 millisecond'),
        job_id = 'm' || replace(gen_random_uuid()::text, '-', '')
    WHERE m.id = ANY (ARRAY(SELECT id FROM waiting))
    RETURNING m.job_id, m.lane, m.chat_id, m.due_at
)
SELECT true AS planned, job_id, lane, chat_id, due_at FROM addressed
UNION ALL
SELECT false, old_job_id, 'bulk', NULL, $3 FROM waiting
