-- When Telegram last answered that the chat can't be written to: an update that was received before that, but
-- is applied after it, does not make the client reachable again.
ALTER TABLE users ADD COLUMN unreachable_at timestamptz;
-- No program writes such a time; one written by hand would keep the reconciler from every other row.
ALTER TABLE messages ADD CONSTRAINT messages_due_at_finite CHECK (isfinite(due_at)) NOT VALID;
