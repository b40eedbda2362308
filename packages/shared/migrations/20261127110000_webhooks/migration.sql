-- Whom a service tells of its events by HTTP, and what became of each telling.
CREATE TABLE webhook (
    id uuid PRIMARY KEY,
    -- Whose events it gets; null for those of everybody.
    organization text,
    url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    -- Null for every type, also those to come.
    event_types text[] CHECK (cardinality(event_types) > 0),
    description text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('ENABLED', 'PAUSED', 'DISABLED')),
    disabled_reason text CHECK (disabled_reason IN ('GONE', 'FAILING')),
    disabled_at timestamptz,
    -- Encrypted with a key that the database does not have.
    secret text NOT NULL,
    -- Signs too until then, so that a receiver can change over.
    previous_secret text,
    previous_secret_ends timestamptz,
    -- How far the feed has been turned into deliveries.
    position bigint NOT NULL,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    failing_since timestamptz,
    consecutive_failures integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    CONSTRAINT webhook_disabled CHECK (
        (state = 'DISABLED') = (disabled_reason IS NOT NULL)
        AND (disabled_reason IS NULL) = (disabled_at IS NULL)
    ),
    CONSTRAINT webhook_previous_secret CHECK (
        (previous_secret IS NULL) = (previous_secret_ends IS NULL)
    )
);
CREATE INDEX webhook_organization ON webhook (organization, id);

CREATE TABLE webhook_delivery (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook_id uuid NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    -- The event, kept here since the feed drops it at its own time.
    event_id uuid NOT NULL,
    position bigint,
    type text NOT NULL,
    subject text NOT NULL,
    time timestamptz NOT NULL,
    traceparent text,
    data jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    -- Sent once on request, whatever the state of the webhook.
    test boolean NOT NULL DEFAULT false CHECK (test = (position IS NULL)),
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    -- When it may be attempted; while it is claimed, when the claim ends.
    due_at timestamptz NOT NULL DEFAULT now(),
    claim uuid,
    attempts integer NOT NULL DEFAULT 0,
    -- Failed attempts since it was made or last replayed: how far the retries have come.
    failures integer NOT NULL DEFAULT 0,
    last_outcome text,
    last_response_status smallint,
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    finished_at timestamptz,
    UNIQUE (webhook_id, event_id),
    CONSTRAINT webhook_delivery_finished CHECK ((status = 'PENDING') = (finished_at IS NULL))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at, position)
    WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_newest ON webhook_delivery (webhook_id, created_at, id);
CREATE INDEX webhook_delivery_of_status ON webhook_delivery (webhook_id, status, created_at, id);
CREATE INDEX webhook_delivery_of_type ON webhook_delivery (webhook_id, type, created_at, id);
CREATE INDEX webhook_delivery_failed ON webhook_delivery (webhook_id, finished_at)
    WHERE status = 'FAILED';
CREATE INDEX webhook_delivery_finished_at ON webhook_delivery (status, finished_at);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (due_at) WHERE status = 'PENDING';

CREATE TABLE webhook_attempt (
    delivery_id uuid NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number integer NOT NULL,
    started_at timestamptz NOT NULL,
    duration_ms integer NOT NULL CHECK (duration_ms >= 0),
    outcome text NOT NULL,
    response_status smallint,
    detail text,
    PRIMARY KEY (delivery_id, number)
);
