-- The language that a client chose, and when: of two choices the later one counts. NULL: the venue's.
ALTER TABLE users ADD COLUMN language text, ADD COLUMN language_at timestamptz;
