-- The first requests of an installation, each of which makes a card to the staff that shows how it was read: one row.
CREATE TABLE tutor (
    id    smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    -- How many cards there were.
    cards smallint NOT NULL CHECK (cards BETWEEN 0 AND 10),
    -- The bookings that they are about, by code.
    codes text[]   NOT NULL DEFAULT '{}'
);

-- Whoever has bookings already needs no cards.
INSERT INTO tutor (cards) SELECT CASE WHEN EXISTS (SELECT 1 FROM bookings) THEN 10 ELSE 0 END;
