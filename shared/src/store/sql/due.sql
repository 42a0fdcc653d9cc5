-- The messages of each chat of $1 that are due after $8 and until $2, at most $3 of each chat, of the kinds $4. With the
-- reason $5 a message goes alone. $6, $7: kinds that are listed with others which become due later, and within how many
-- seconds. A confirmation may be added to one that was sent $9 seconds before.
-- Lists come as (SELECT $1): PostgreSQL does not guess their length then, and plans the statement once.
-- Each column is named: b.* would break prepared statements when a newer version adds a column.
SELECT c.of_chat, h.*
FROM (
    SELECT * FROM unnest((SELECT $1::bigint[])) AS c (of_chat)
    -- All of them. PostgreSQL expects one then, and goes into indexes on a table without statistics, too.
    LIMIT (SELECT cardinality($1::bigint[]))
) c
LEFT JOIN users a ON a.telegram_id = c.of_chat
CROSS JOIN LATERAL (
    SELECT m.id AS message_id, m.kind, m.content, m.due_at, m.expires_at, m.not_before,
        m.created_at AS queued_at, m.attempts, m.booking_version, m.event_id,
        m.reason IS NOT DISTINCT FROM $5 AS goes_alone,
        COALESCE(u.reachable, false) AS client_in_bot,
        COALESCE(u.reminders_off, false) AS reminders_off,
        COALESCE(u.questions_off, false) AS questions_off,
        -- Or a client who joined a booking without a phone.
        a.phone_number IS NOT NULL
            OR EXISTS (SELECT 1 FROM bookings j WHERE j.user_id = a.id) AS chat_registered,
        a.language AS chat_language,
        b.id, b.bukza_booking_id, b.user_id, b.service_name, b.zone_name, b.client_name,
        b.client_phone, b.starts_at, b.ends_at, b.people, b.total_minor, b.paid_minor, b.order_id,
        b.status, b.version, b.rating, b.rated_at, b.last_event_at, b.last_event_id, b.meaning,
        b.status_words, b.history, b.client_last_name, b.comment, b.form_fields,
        b.prepayment_minor, b.order_page_id, b.starts_local, b.ends_local, b.created_at, b.updated_at,
        -- A message like this about another reservation of the order shows the total, or is about to.
        EXISTS (
            SELECT 1 FROM bookings o JOIN messages s ON s.booking_id = o.id
            WHERE o.order_id = b.order_id AND o.client_phone = b.client_phone AND o.id <> b.id
              AND s.chat_id = m.chat_id
              AND CASE
                  WHEN m.kind IN ('confirmation', 'moved') THEN s.kind IN ('confirmation', 'moved')
                  WHEN m.kind = 'reminder' THEN s.kind = m.kind AND s.slot = m.slot
                  ELSE s.kind = m.kind END
              AND (s.status IN ('sending', 'sent', 'unknown')
                   OR s.status = 'scheduled' AND (s.due_at, s.id) < (m.due_at, m.id))
        ) AS total_shown_elsewhere,
        CASE WHEN m.kind = 'reminder' THEN (
            SELECT a.answer FROM visit_answers a
            WHERE a.booking_id = b.id AND a.version = b.version) END AS client_answer,
        CASE WHEN m.kind = 'reminder' THEN (
            SELECT max(t.sent_at) FROM messages t
            WHERE t.booking_id = m.booking_id AND t.status = 'sent'
              AND t.kind IN ('confirmation', 'moved')) END AS announced_at,
        m.kind = 'confirmation' AND EXISTS (
            SELECT 1 FROM messages r
            WHERE r.chat_id = m.chat_id AND r.kind = 'confirmation' AND r.status = 'sent'
              AND r.sent_at > m.due_at - make_interval(secs => $9)) AS follows_another,
        -- The next one of its kind in the chat: by the order of the chat's own index.
        CASE WHEN m.kind = ANY ((SELECT $6::text[])::text[]) THEN COALESCE((
            SELECT s.due_at FROM messages s
            WHERE s.chat_id = m.chat_id AND s.status = 'scheduled' AND s.kind = m.kind
              AND s.due_at > m.due_at
            ORDER BY s.due_at, s.id LIMIT 1
        ) <= m.due_at + make_interval(secs => (
            SELECT w.secs FROM unnest((SELECT $6::text[]), (SELECT $7::float8[])) AS w (kind, secs)
            WHERE w.kind = m.kind)), false)
        ELSE false END AS others_follow,
        CASE WHEN m.kind = 'feedback' THEN (
            SELECT max(q.sent_at) FROM messages q
            WHERE q.chat_id = m.chat_id AND q.kind = 'feedback' AND q.status = 'sent'
        ) END AS last_question_at
    FROM messages m
    LEFT JOIN bookings b ON b.id = m.booking_id
    LEFT JOIN users u ON u.id = b.user_id
    WHERE m.chat_id = c.of_chat AND m.status = 'scheduled' AND m.due_at <= $2
      AND m.due_at - $8 > interval '0'
      AND m.kind = ANY ((SELECT $4::text[])::text[])
    ORDER BY m.due_at, m.id
    LIMIT $3
) h
ORDER BY c.of_chat, h.due_at, h.message_id
