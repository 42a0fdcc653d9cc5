-- Questions about visits that builds before have sent within the last day stay open for the rest of it.
INSERT INTO dialogues (user_id, kind, booking_id, started_at, ends_at)
SELECT u.id, 'rating', b.id, max(m.sent_at), max(m.sent_at) + interval '1 day'
FROM users u
JOIN bookings b ON b.id = u.dialogue_booking_id
JOIN messages m ON m.booking_id = b.id AND m.chat_id = u.telegram_id
WHERE u.dialogue = 'rating' AND m.kind = 'feedback' AND m.status = 'sent'
  AND m.sent_at > now() - interval '1 day'
GROUP BY u.id, b.id
