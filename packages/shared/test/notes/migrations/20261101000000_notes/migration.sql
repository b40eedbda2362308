CREATE TABLE note (
    id uuid PRIMARY KEY,
    text text NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE echo (
    event_id uuid PRIMARY KEY,
    text text NOT NULL,
    n bigint GENERATED ALWAYS AS IDENTITY
);
