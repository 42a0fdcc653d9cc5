-- The visits of a day, a week, a month.
CREATE INDEX bookings_starts_at ON bookings (starts_at, id);
-- Bookings by the last digits of the phone.
CREATE INDEX bookings_phone_end ON bookings (right(client_phone, 4)) WHERE client_phone IS NOT NULL;
-- Bookings by the beginnings of words of the name. The small letters are named one by one: PostgreSQL's own depend on the
-- database's locale.
CREATE INDEX bookings_names ON bookings USING gin (to_tsvector('simple', translate(
    coalesce(client_name, '') || ' ' || coalesce(client_last_name, ''),
    'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCDEFGHIJKLMNOPQRSTUVWXYZё',
    'абвгдеежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyzе'
)));

-- The agenda of a day comes by itself once: a row for each of its messages.
CREATE UNIQUE INDEX messages_agenda ON messages (slot) WHERE kind = 'staff_agenda';
-- Answers to the staff are forgotten after a while.
CREATE INDEX messages_staff_answers ON messages (updated_at) WHERE kind = 'staff_answer';
-- Messages that did not reach their client.
CREATE INDEX messages_undelivered ON messages (updated_at)
    WHERE recipient = 'client' AND status IN ('failed', 'unknown');
