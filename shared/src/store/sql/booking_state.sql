-- The booking with code $1, what its client may have heard of it, and who its client is: who joined it by a token or
-- code; else the proven owner of phone $2 (or of the phone on record), else the owner on record if the phone has not
-- changed.
-- forgotten: deletions of the booking's client, and of the phone with the hash $3.
-- announced: a confirmation or move may have been received since the booking was new to the client.
-- believes_booked: the last that may have been received in the client's chat is no cancellation.
-- Each column is named: with b.* a column that a newer version adds would break the prepared statements of
-- older ones.
SELECT b.id, b.bukza_booking_id, b.user_id, b.service_name, b.zone_name, b.client_name,
       b.client_phone, b.starts_at, b.ends_at, b.people, b.total_minor, b.paid_minor,
       b.order_id, b.status, b.version, b.rating, b.rated_at, b.last_event_at,
       b.last_event_id, b.meaning, b.status_words, b.history, b.client_last_name, b.comment,
       b.form_fields, b.prepayment_minor, b.order_page_id, b.starts_local, b.ends_local, b.created_at, b.updated_at,
       EXISTS (SELECT 1 FROM messages m
               WHERE m.booking_id = b.id AND m.update_id IS NULL
                 AND m.kind IN ('confirmation', 'moved')
                 AND m.booking_version >= COALESCE((b.history ->> 'new_since')::integer, 0)
                 AND (m.status IN ('sending', 'sent', 'unknown')
                      OR (m.attempts > 0 AND m.status <> 'failed'))) AS announced,
       COALESCE((SELECT m.kind <> 'cancelled' FROM messages m
                 WHERE m.booking_id = b.id AND m.update_id IS NULL
                   AND m.chat_id = COALESCE(j.telegram_id, p.telegram_id, o.telegram_id)
                   AND m.kind IN ('confirmation', 'moved', 'cancelled')
                   AND (m.status IN ('sending', 'sent', 'unknown')
                        OR (m.attempts > 0 AND m.status <> 'failed'))
                 ORDER BY m.booking_version DESC, m.id DESC LIMIT 1), false) AS believes_booked,
       (SELECT max(COALESCE(m.sent_at, m.updated_at)) FROM messages m
        WHERE m.booking_id = b.id AND m.kind = 'feedback'
          AND m.status IN ('sending', 'sent', 'unknown')) AS last_question_at,
       b.forgotten_at AS booking_forgotten_at, b.forgotten_phone AS booking_forgotten_phone,
       (SELECT f.forgotten_at FROM forgotten_phones f WHERE f.phone_hash = $3)
           AS phone_forgotten_at,
       COALESCE(j.id, p.id, o.id) AS client_user_id,
       CASE WHEN j.id IS NOT NULL THEN CASE WHEN j.reachable THEN j.telegram_id END
            WHEN p.id IS NOT NULL THEN CASE WHEN p.reachable THEN p.telegram_id END
            WHEN o.reachable THEN o.telegram_id END AS client_chat_id
FROM (VALUES ($1::text, $2::text)) AS v (code, phone)
LEFT JOIN bookings b ON b.bukza_booking_id = v.code
LEFT JOIN users j ON j.id = b.user_id AND b.joined_at IS NOT NULL
LEFT JOIN users p ON p.phone_number = COALESCE(v.phone, b.client_phone)
LEFT JOIN users o ON o.id = b.user_id AND p.id IS NULL
                 AND (v.phone IS NULL OR v.phone = b.client_phone)
