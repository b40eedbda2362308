-- When this service last knew everything that the other had told; null until it has once.
ALTER TABLE feed_cursor ADD COLUMN read_at timestamptz;
