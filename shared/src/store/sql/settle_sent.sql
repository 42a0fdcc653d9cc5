-- Records at $3 that the messages $1 of the owners $2 were sent, as the messages $4 of Telegram. A send
-- that succeeded wins over a reconciler that had given it up meanwhile. The question about a visit opens
-- a dialogue until $5, unless its answer was quicker and has opened it (dialogues.rs); messages of the kinds $6 end
-- it. Of two messages to one client the last counts: one statement cannot write a row twice. A card remembers whom
-- it was about.
WITH sent AS (
    UPDATE messages m
    SET status = 'sent', sent_at = $3, telegram_message_id = s.telegram, lease_until = NULL,
        reason = NULL, updated_at = $3,
        about_chat_id = CASE WHEN m.recipient = 'staff' THEN COALESCE(m.about_chat_id, (
            SELECT u.telegram_id FROM bookings b JOIN users u ON u.id = b.user_id
            WHERE b.id = m.booking_id)) END
    FROM (
        SELECT * FROM unnest((SELECT $1::bigint[]), (SELECT $2::text[]), (SELECT $4::bigint[]))
            AS s (id, owner, telegram)
        -- All of them. PostgreSQL expects one then, and goes into indexes on a table without statistics, too.
        LIMIT (SELECT cardinality($1::bigint[]))
    ) s
    JOIN messages before ON before.id = s.id
    WHERE m.id = s.id AND m.lease_owner = s.owner
      AND m.status IN ('sending', 'scheduled', 'unknown')
    RETURNING m.id, m.kind, m.booking_id, m.chat_id, before.updated_at AS claimed_at
), last AS (
    SELECT DISTINCT ON (u.id) u.id AS user_id, sent.kind, sent.booking_id, sent.claimed_at
    FROM sent JOIN users u ON u.telegram_id = sent.chat_id
    WHERE sent.kind = 'feedback' OR sent.kind = ANY ((SELECT $6::text[])::text[])
    ORDER BY u.id, sent.id DESC
), opened AS (
    INSERT INTO dialogues AS d (user_id, kind, booking_id, started_at, ends_at)
    SELECT user_id, 'rating', booking_id, claimed_at, $5::timestamptz FROM last WHERE kind = 'feedback'
    ON CONFLICT (user_id, kind) DO UPDATE
    SET booking_id = excluded.booking_id, started_at = excluded.started_at, ends_at = excluded.ends_at
    WHERE d.started_at <> excluded.started_at
    RETURNING 1
), ended AS (
    UPDATE dialogues d SET ends_at = $3
    FROM last
    WHERE last.kind <> 'feedback' AND d.user_id = last.user_id AND d.kind = 'rating'
      AND d.ends_at > $3
    RETURNING 1
)
SELECT id FROM sent
