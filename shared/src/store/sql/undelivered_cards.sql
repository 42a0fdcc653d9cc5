-- Plans at $3 a card to the staff's chat $2, due at $5, for each of the messages $1 that has not reached its client, or perhaps
-- not, of the kinds $4. None where the booking has changed since, or where its visit is over. A booking whose times
-- are not finite can't be shown.
INSERT INTO messages (kind, recipient, lane, chat_id, booking_id, booking_version, slot, content,
    due_at, job_id, event_id, pushed_at, created_at, updated_at)
SELECT 'staff_undelivered', 'staff', 'bulk', $2, b.id, b.version, m.id::text,
    jsonb_build_object('undelivered',
        jsonb_build_object('kind', m.kind, 'perhaps', m.status = 'unknown')),
    $5, 'm' || replace(gen_random_uuid()::text, '-', ''), m.event_id, $3, $3, $3
FROM messages m JOIN bookings b ON b.id = m.booking_id
WHERE m.id = ANY ((SELECT $1::bigint[])::bigint[])
  AND m.status IN ('failed', 'unknown') AND m.kind = ANY ((SELECT $4::text[])::text[])
  AND m.booking_version = b.version
  AND (b.ends_at IS NULL OR b.ends_at > $3 AND isfinite(b.starts_at) AND isfinite(b.ends_at))
UNION ALL
-- One of the staff waits for what became of a reply, in whatever words it was.
SELECT 'staff_receipt', 'staff', 'interactive', $2, NULL, NULL, m.id::text,
    jsonb_build_object('receipt', jsonb_build_object(
        'to', m.content -> 'copy' -> 'telegram_message_id',
        'outcome', CASE m.status WHEN 'unknown' THEN 'perhaps_delivered' ELSE 'not_delivered' END)),
    $3, 'm' || replace(gen_random_uuid()::text, '-', ''), m.event_id, $3, $3, $3
FROM messages m
WHERE m.id = ANY ((SELECT $1::bigint[])::bigint[])
  AND m.status IN ('failed', 'unknown') AND m.kind = 'staff_reply'
ON CONFLICT DO NOTHING
RETURNING true AS planned, job_id, lane, chat_id, due_at
