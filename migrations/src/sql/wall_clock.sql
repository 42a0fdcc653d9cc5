-- NULL: a build before has written the row. They count only where `history` has the mark `clock`: a build before that
-- writes other instants drops it. "written": Bukza gave these times. "shown": it gave the instants.
ALTER TABLE bookings
    ADD COLUMN starts_local timestamp,
    ADD COLUMN ends_local   timestamp;
