-- What a booking's status means, beside the three states that builds before know.
ALTER TABLE bookings
    -- cancelled, ignored, no_show, pending, stands. NULL: as status says.
    ADD COLUMN meaning          text,
    -- The words of the status that decided the meaning.
    ADD COLUMN status_words     text,
    -- The newest request of each sort, by which the meaning is decided whatever the order of applying.
    -- NULL: only last_event_at is known.
    ADD COLUMN history          jsonb,
    ADD COLUMN client_last_name text,
    ADD COLUMN comment          text,
    -- The form's own fields: [{"name": …, "value": …}].
    ADD COLUMN form_fields      jsonb,
    -- What is to be paid in advance.
    ADD COLUMN prepayment_minor bigint,
    -- The order's id in the address of its page. order_id holds the number that people see.
    ADD COLUMN order_page_id    text;
-- Reservations of one order share its total.
CREATE INDEX bookings_order_id ON bookings (order_id, client_phone) WHERE order_id IS NOT NULL;

-- When the last question was sent to a client.
CREATE INDEX messages_questions ON messages (chat_id, sent_at) WHERE kind = 'feedback' AND status = 'sent';

-- What the bot waits for from a client. users.dialogue is what builds before know.
CREATE TABLE dialogues (
    user_id    bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       text        NOT NULL,
    booking_id bigint      REFERENCES bookings (id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    -- From then on, words are words again.
    ends_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- The number was another account's until then: visits before that are not this client's.
ALTER TABLE users ADD COLUMN number_taken_at timestamptz;

-- Statuses as they came, by the venue's day.
CREATE TABLE seen_statuses (
    words      text        NOT NULL,
    day        date        NOT NULL,
    booking_id bigint      NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    meaning    text        NOT NULL,
    -- A word for a cancellation stood there, and what stands beside it held it back.
    held_back  boolean     NOT NULL,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (words, day, booking_id)
);
CREATE INDEX seen_statuses_day ON seen_statuses (day);
CREATE INDEX seen_statuses_booking ON seen_statuses (booking_id);
-- The staff got a note about these words on that day.
CREATE TABLE noted_statuses (
    words text NOT NULL,
    day   date NOT NULL,
    PRIMARY KEY (words, day)
);

ALTER TABLE rejected_requests
    -- What the refusals of one cause share.
    ADD COLUMN cause   text,
    -- When an operator looked at it.
    ADD COLUMN read_at timestamptz;
-- The newest card of a cause, which further refusals are added to while it waits.
CREATE INDEX messages_refusals ON messages (chat_id, slot, due_at, id) WHERE kind = 'staff_rejected';
