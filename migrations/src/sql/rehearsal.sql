ALTER TABLE users ADD COLUMN rehearsed text;
ALTER TABLE bookings ADD COLUMN rehearsed text NOT NULL DEFAULT 'yes';
ALTER TABLE messages ADD COLUMN rehearsed integer;
ALTER TABLE inbox ADD COLUMN rehearsed boolean;
CREATE INDEX bookings_rehearsed ON bookings (rehearsed) WHERE rehearsed <> 'yes';
