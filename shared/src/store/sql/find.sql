-- Bookings by codes ($1), by the last digits of the phone ($2), by the beginnings of words of the name ($3) of visits from
-- $4 until $5; at most $7, those to come at $6 first. Each of the three has its index. The small letters are named one by
-- one, as in the index bookings_names: PostgreSQL's own depend on the database's locale.
WITH found AS (
    SELECT id FROM bookings
    WHERE bukza_booking_id = ANY ((SELECT $1::text[])::text[])
    UNION
    SELECT id FROM bookings
    WHERE client_phone IS NOT NULL AND right(client_phone, 4) = right($2::text, 4)
      AND client_phone LIKE '%' || $2
    UNION
    SELECT id FROM bookings
    WHERE to_tsvector('simple', translate(
            coalesce(client_name, '') || ' ' || coalesce(client_last_name, ''),
            'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCDEFGHIJKLMNOPQRSTUVWXYZё',
            'абвгдеежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyzе'
        )) @@ to_tsquery('simple', $3)
      AND starts_at >= $4 AND starts_at < $5
)
SELECT b.id, count(*) OVER () AS total
FROM found f JOIN bookings b ON b.id = f.id
WHERE b.meaning IS DISTINCT FROM 'ignored'
ORDER BY b.ends_at > $6 AND b.status <> 'cancelled' DESC NULLS LAST,
    CASE WHEN b.ends_at > $6 THEN b.starts_at END, b.starts_at DESC NULLS LAST, b.id
LIMIT $7
