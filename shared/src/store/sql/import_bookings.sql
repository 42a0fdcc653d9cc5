-- The new states $1 of bookings that an import has decided about, at $2. They are locked already.
INSERT INTO bookings AS b (bukza_booking_id, user_id, service_name, zone_name, client_name,
    client_last_name, client_phone, starts_at, ends_at, starts_local, ends_local, people, total_minor,
    paid_minor, prepayment_minor, order_id, order_page_id, comment, form_fields, status, meaning,
    status_words, history, version, last_event_at, last_event_id, created_at, updated_at)
SELECT g.code, g.user_id, g.service_name, g.zone_name, g.client_name,
    g.client_last_name, g.client_phone, g.starts_at, g.ends_at, g.starts_local, g.ends_local, g.people, g.total_minor,
    g.paid_minor, g.prepayment_minor, g.order_id, g.order_page_id, g.comment, g.form_fields, g.status, g.meaning,
    g.status_words, g.history, g.version, g.last_event_at, g.last_event_id, g.created_at, $2
FROM jsonb_to_recordset($1) AS g (code text, user_id bigint, service_name text, zone_name text,
    client_name text, client_last_name text, client_phone text, starts_at timestamptz,
    ends_at timestamptz, starts_local timestamp, ends_local timestamp, people integer,
    total_minor bigint, paid_minor bigint, prepayment_minor bigint, order_id text, order_page_id text,
    comment text, form_fields jsonb, status text, meaning text, status_words text, history jsonb,
    version integer, last_event_at timestamptz, last_event_id text, created_at timestamptz)
ON CONFLICT (bukza_booking_id) DO UPDATE SET
    user_id = excluded.user_id, service_name = excluded.service_name,
    zone_name = excluded.zone_name, client_name = excluded.client_name,
    client_last_name = excluded.client_last_name, client_phone = excluded.client_phone,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    starts_local = excluded.starts_local, ends_local = excluded.ends_local,
    people = excluded.people, total_minor = excluded.total_minor, paid_minor = excluded.paid_minor,
    prepayment_minor = excluded.prepayment_minor, order_id = excluded.order_id,
    order_page_id = excluded.order_page_id, comment = excluded.comment,
    form_fields = excluded.form_fields, status = excluded.status, meaning = excluded.meaning,
    status_words = excluded.status_words, history = excluded.history, version = excluded.version,
    last_event_at = excluded.last_event_at, last_event_id = excluded.last_event_id,
    updated_at = excluded.updated_at
