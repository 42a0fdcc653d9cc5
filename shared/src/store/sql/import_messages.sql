-- Messages $1 of an import: planned ones, which the reconciler pushes, and those that the old bot has sent.
INSERT INTO messages (kind, recipient, lane, chat_id, booking_id, booking_version, slot, due_at,
    expires_at, status, sent_at, job_id, event_id, pushed_at, created_at, updated_at)
SELECT m.kind, 'client', m.lane, m.chat_id, b.id, m.booking_version, m.slot, m.due_at,
    m.expires_at, m.status, m.sent_at, m.job_id, m.event_id, 'epoch', m.made_at, m.made_at
FROM jsonb_to_recordset($1) AS m (code text, kind text, lane text, chat_id bigint,
    booking_version integer, slot text, due_at timestamptz, expires_at timestamptz, status text,
    sent_at timestamptz, job_id text, event_id text, made_at timestamptz)
JOIN bookings b ON b.bukza_booking_id = m.code
ORDER BY b.id, m.made_at
ON CONFLICT DO NOTHING
