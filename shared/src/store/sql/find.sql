-- Bookings by codes ($1), by the last digits of the phone ($2), by the beginnings of words of the name ($3) of visits from
-- $4 until $5; at most $7, those to come at $6 first. Each of the three has its index. The small letters are named one by
-- one, as in the index bookings_names: PostgreSQL's own depend on the database's locale.
WITH found AS (
    SELECT id, starts_at, ends_at, status, meaning FROM bookings
    WHERE bukza_booking_id = ANY ((SELECT $1::text[])::text[])
    UNION
    SELECT id, starts_at, ends_at, status, meaning FROM bookings
    WHERE client_phone IS NOT NULL AND right(client_phone, 4) = right($2::text, 4)
      AND client_phone LIKE '%' || $2
    UNION
    SELECT id, starts_at, ends_at, status, meaning FROM bookings
    WHERE to_tsvector('simple', translate(
            coalesce(client_name, '') || ' ' || coalesce(client_last_name, ''),
            'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCDEFGHIJKLMNOPQRSTUVWXYZё',
            'абвгдеежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyzе'
        )) @@ to_tsquery('simple', $3)
      AND starts_at >= $4 AND starts_at < $5
)
SELECT id, count(*) OVER () AS total
FROM found
WHERE meaning IS DISTINCT FROM 'ignored'
ORDER BY ends_at > $6 AND status <> 'cancelled' DESC NULLS LAST,
    CASE WHEN ends_at > $6 THEN starts_at END, starts_at DESC NULLS LAST, id
LIMIT $7
