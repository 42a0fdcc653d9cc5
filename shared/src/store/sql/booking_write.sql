-- One change of a booking with all that follows: the booking's new state, the void messages of
-- older versions, the new messages, and an address for those that waited for one. One row for each
-- message: planned and due until $28, or void with its old job. What is due later is not pushed yet.
-- They are locked by their ids, as everywhere (docs/queue.md), and found by a subquery, not a join: a plan
-- made while the outbox was empty, and kept for the connection's life, may join it whole; a subquery's value
-- can only go into the index. Status is compared as an expression: such a plan could read an index of all that
-- is scheduled.
WITH booked AS (
    INSERT INTO bookings AS b (bukza_booking_id, user_id, service_name, zone_name, client_name,
        client_phone, starts_at, ends_at, people, total_minor, paid_minor, order_id, status, version,
        last_event_at, last_event_id, created_at, updated_at, meaning, status_words, history,
        client_last_name, comment, form_fields, prepayment_minor, order_page_id,
        starts_local, ends_local)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $19, $20,
        $21, $22, $23, $24, $25, $26, $29, $30)
    ON CONFLICT (bukza_booking_id) DO UPDATE SET
        user_id = excluded.user_id, service_name = excluded.service_name,
        zone_name = excluded.zone_name, client_name = excluded.client_name,
        client_phone = excluded.client_phone, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, people = excluded.people, total_minor = excluded.total_minor,
        paid_minor = excluded.paid_minor, order_id = excluded.order_id, status = excluded.status,
        version = excluded.version, last_event_at = excluded.last_event_at,
        last_event_id = excluded.last_event_id, updated_at = excluded.updated_at,
        meaning = excluded.meaning, status_words = excluded.status_words, history = excluded.history,
        client_last_name = excluded.client_last_name, comment = excluded.comment,
        form_fields = excluded.form_fields, prepayment_minor = excluded.prepayment_minor,
        order_page_id = excluded.order_page_id, starts_local = excluded.starts_local,
        ends_local = excluded.ends_local
    RETURNING id, version
), locked AS MATERIALIZED (
    SELECT m.id FROM messages m
    WHERE m.booking_id = (SELECT id FROM booked)
      AND m.status || '' = 'scheduled' AND m.recipient = 'client' AND m.update_id IS NULL
    ORDER BY m.id FOR NO KEY UPDATE
), void AS (
    UPDATE messages m SET status = 'cancelled', reason = 'superseded', updated_at = $17
    WHERE m.booking_id = (SELECT id FROM booked) AND m.id = ANY (ARRAY(SELECT id FROM locked))
      AND m.booking_version < (SELECT version FROM booked)
      AND m.status || '' = 'scheduled' AND m.recipient = 'client' AND m.update_id IS NULL
    RETURNING m.job_id, m.lane, m.due_at
), addressed AS (
    -- A reminder whose time passed while its client was unknown is no reminder any more.
    UPDATE messages m SET chat_id = $27::bigint, updated_at = $17,
        pushed_at = CASE WHEN m.due_at <= $28::timestamptz THEN $17 ELSE 'epoch' END,
        status = CASE WHEN m.kind = 'reminder' AND m.due_at <= $17 THEN 'cancelled' ELSE m.status END,
        reason = CASE WHEN m.kind = 'reminder' AND m.due_at <= $17 THEN 'its_time_passed' END
    WHERE $27::bigint IS NOT NULL AND m.chat_id IS NULL
      AND m.booking_id = (SELECT id FROM booked) AND m.id = ANY (ARRAY(SELECT id FROM locked))
      AND m.booking_version = (SELECT version FROM booked)
      AND m.status || '' = 'scheduled' AND m.recipient = 'client' AND m.update_id IS NULL
    RETURNING m.job_id, m.lane, m.chat_id, m.due_at, m.status, m.pushed_at
), planned AS (
    INSERT INTO messages (kind, recipient, lane, chat_id, booking_id, booking_version, slot, content,
        due_at, expires_at, job_id, event_id, pushed_at, created_at, updated_at)
    SELECT p.kind, p.recipient, p.lane, p.chat_id, booked.id, booked.version, p.slot, p.content,
        p.due_at, p.expires_at, p.job_id, p.event_id,
        CASE WHEN p.due_at <= $28::timestamptz THEN $17 ELSE 'epoch' END, $17, $17
    FROM booked, jsonb_to_recordset($18) AS p (kind text, recipient text, lane text, chat_id bigint,
        slot text, content jsonb, due_at timestamptz, expires_at timestamptz, job_id text,
        event_id text)
    ON CONFLICT DO NOTHING
    RETURNING job_id, lane, chat_id, due_at, pushed_at
)
SELECT false AS planned, job_id, lane, NULL::bigint AS chat_id, due_at FROM void
UNION ALL
SELECT true, job_id, lane, chat_id, due_at FROM addressed
WHERE status = 'scheduled' AND pushed_at > 'epoch'
UNION ALL
SELECT true, job_id, lane, chat_id, due_at FROM planned WHERE pushed_at > 'epoch'
