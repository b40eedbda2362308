-- How long an event is kept counts from when it was published: `time` says when it happened, which
-- for positions replayed from a log is long ago.
ALTER TABLE outbox ADD COLUMN published_at timestamptz NOT NULL DEFAULT now();
