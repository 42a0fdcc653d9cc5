-- When the client in user_id joined the booking by a token or code: its phone does not decide whose it is.
ALTER TABLE bookings ADD COLUMN joined_at timestamptz;

-- The tokens of start links. Each attaches its booking once.
CREATE TABLE start_tokens (
    booking_id bigint      PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
    token      text        NOT NULL UNIQUE,
    made_at    timestamptz NOT NULL,
    used_at    timestamptz
);

-- Wrong tries to join, and the locks that follow.
CREATE TABLE join_tries (
    -- booking: by code, whoever tries; chat: an account's tries by code; token: an account's tries by token.
    scope        text        NOT NULL,
    -- The booking's id, or a hash of the account's.
    subject      text        NOT NULL,
    wrong        integer     NOT NULL,
    last_at      timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (scope, subject)
);

-- Four digits are awaited after a token; otherwise after a code.
ALTER TABLE dialogues ADD COLUMN by_token boolean NOT NULL DEFAULT false;
