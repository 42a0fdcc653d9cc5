-- The staff's chat that was bound by a link: one or none.
CREATE TABLE staff_binding (
    id         smallint    PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    -- `-1001234567890`, or `-1001234567890:17` for a topic.
    place      text        NOT NULL,
    -- What SUPPORT_CHANNEL_ID named then. NULL: nothing.
    instead_of text,
    bound_at   timestamptz NOT NULL
);

-- Links that bind a chat. Each works once, for an hour.
CREATE TABLE staff_links (
    -- SHA-256 of the secret in the link.
    secret_hash bytea       PRIMARY KEY,
    expires_at  timestamptz NOT NULL,
    -- When it was used, or taken back.
    ended_at    timestamptz
);
