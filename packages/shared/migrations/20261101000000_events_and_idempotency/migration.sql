-- What every service needs beside its own tables: the outbox its feed is read from, the positions it
-- has reached in other services' feeds, and the answers kept for repeated requests. They live in a
-- schema of their own ("kit"), with a migration history of their own.

-- Where a feed's positions count from. Renewed when a database is restored from a backup, so that a
-- reader that is ahead of the restored feed notices.
CREATE TABLE feed_epoch (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The newest position that retention has removed: a reader at or past it has missed nothing.
    trimmed_to bigint NOT NULL DEFAULT 0
);
INSERT INTO feed_epoch DEFAULT VALUES;

CREATE TABLE outbox (
    -- Handed out under an advisory lock held to the end of the transaction: commit order.
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    subject text NOT NULL,
    time timestamptz NOT NULL,
    traceparent text,
    data jsonb NOT NULL
);

CREATE TABLE feed_cursor (
    source text PRIMARY KEY,
    epoch uuid NOT NULL,
    position bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE idempotent_answer (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotent_answer_created_at ON idempotent_answer (created_at);
