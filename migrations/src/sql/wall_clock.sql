-- NULL: the request gave an instant, or a build before has written the row. They count only where `history` has the mark
-- `has_wall_clock`: a build before that writes other instants drops it.
ALTER TABLE bookings
    ADD COLUMN starts_local timestamp,
    ADD COLUMN ends_local   timestamp;
