-- Claims the messages $1 of the chats $2 for the owners $3 at $5 until $6; messages that are sent as one
-- are joined to the first of them ($4). Of each message: `claimed`, or why not.
-- $7: kinds that follow their booking. $8: `kind status` for each status that fits a kind. $9: whether
-- to wait for another claim in the chat. Only with one chat: it holds nothing while it waits.
WITH wanted AS (
    SELECT * FROM unnest(
        (SELECT $1::bigint[]), (SELECT $2::bigint[]), (SELECT $3::text[]), (SELECT $4::bigint[])
    ) AS c (id, chat, owner, carrier)
    -- All of them. PostgreSQL expects one then, and goes into indexes on a table without statistics, too.
    LIMIT (SELECT cardinality($1::bigint[]))
), chats AS MATERIALIZED (
    -- One worker at a time claims in a chat, and with several chats no other waits for it: two that wait
    -- in two chats would deadlock at the index of what is being sent.
    SELECT c.chat, CASE
        WHEN $9 THEN pg_advisory_xact_lock(c.lock) IS NOT NULL
        ELSE pg_try_advisory_xact_lock(c.lock)
    END AS is_free
    FROM (SELECT DISTINCT chat, hashtextextended('claim:' || chat, 0) AS lock FROM wanted) c
), judged AS (
    SELECT m.id, w.chat, w.owner, w.carrier,
        CASE
            WHEN m.status <> 'scheduled' OR m.chat_id IS DISTINCT FROM w.chat THEN 'ended'
            WHEN m.expires_at <= $5 THEN 'expired'
            WHEN m.kind = ANY ((SELECT $7::text[])::text[])
                AND (b.version = m.booking_version
                     AND m.kind || ' ' || b.status = ANY ((SELECT $8::text[])::text[])) IS NOT TRUE
                THEN 'superseded'
            WHEN m.not_before > $5 THEN 'not_yet'
            WHEN NOT c.is_free THEN 'held_by_other'
            WHEN EXISTS (SELECT 1 FROM messages s WHERE s.status = 'sending' AND s.chat_id = w.chat)
                THEN 'held_by_other'
        END AS obstacle
    FROM wanted w
    JOIN chats c ON c.chat = w.chat
    JOIN messages m ON m.id = w.id
    LEFT JOIN bookings b ON b.id = m.booking_id
), claimed AS (
    UPDATE messages m
    SET status = 'sending', lease_until = $6, lease_owner = j.owner, attempts = m.attempts + 1,
        updated_at = $5, joined_to = NULLIF(j.carrier, m.id)
    FROM (
        SELECT j.id, j.chat, j.owner, j.carrier FROM judged j JOIN messages l ON l.id = j.id
        WHERE j.obstacle IS NULL ORDER BY l.id FOR NO KEY UPDATE OF l
    ) j
    WHERE m.id = j.id
      -- Again, for a row that another transaction changed meanwhile. COALESCE and IS NOT DISTINCT FROM: the row is found
      -- by its id, not among all that wait.
      AND COALESCE(m.status, '') = 'scheduled' AND m.chat_id IS NOT DISTINCT FROM j.chat
      AND m.not_before <= $5 AND (m.expires_at IS NULL OR m.expires_at > $5)
    RETURNING m.id
)
SELECT j.id,
    CASE WHEN claimed.id IS NOT NULL THEN 'claimed' ELSE COALESCE(j.obstacle, 'ended') END AS answer
FROM judged j LEFT JOIN claimed ON claimed.id = j.id
