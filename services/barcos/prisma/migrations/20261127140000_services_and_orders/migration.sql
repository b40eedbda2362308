-- One service of a call, of which timestamps tell; the same type once more is another occurrence.
CREATE TABLE "port_call_service" (
    "id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "service_type" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "phase" TEXT,
    "occurrence" INTEGER NOT NULL,
    "location_name" TEXT,
    "un_location_code" TEXT NOT NULL,
    "facility_code" TEXT,
    "facility_code_list_provider" TEXT,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "moves_forecasts" JSONB,
    "cancelled_at" TIMESTAMPTZ(3),
    "declined_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "port_call_service_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "port_call_service_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "port_call_service_event_type_known"
        CHECK ("event_type" IN ('ARRI', 'DEPA', 'STRT', 'CMPL')),
    CONSTRAINT "port_call_service_phase_known" CHECK ("phase" IN ('INBD', 'ALGS', 'SHIF', 'OUTB')),
    CONSTRAINT "port_call_service_occurrence_positive" CHECK ("occurrence" > 0),
    CONSTRAINT "port_call_service_position_on_earth" CHECK (
        "latitude" BETWEEN -90 AND 90 AND "longitude" BETWEEN -180 AND 180
    )
);

-- No phase is a value like the others: two callers at once make one service.
CREATE UNIQUE INDEX "port_call_service_occurrence_key" ON "port_call_service"
    ("port_call_id", "service_type", "event_type", "phase", "occurrence") NULLS NOT DISTINCT;

ALTER TABLE "port_call_timestamp"
    ADD COLUMN "service_id" UUID,
    ADD COLUMN "reply_to" UUID,
    ADD COLUMN "facility_code_list_provider" TEXT,
    ADD COLUMN "requested_location" JSONB,
    ADD COLUMN "delay_reason_codes" TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN "is_fyi" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "breaches" TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN "party" TEXT,
    ADD COLUMN "attached_by" TEXT,
    ADD COLUMN "attached_at" TIMESTAMPTZ(3),
    ADD CONSTRAINT "port_call_timestamp_service_id_fkey" FOREIGN KEY ("service_id")
        REFERENCES "port_call_service"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    ADD CONSTRAINT "port_call_timestamp_reply_to_fkey" FOREIGN KEY ("reply_to")
        REFERENCES "port_call_timestamp"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    ADD CONSTRAINT "port_call_timestamp_service_of_call"
        CHECK ("service_id" IS NULL OR "port_call_id" IS NOT NULL),
    ADD CONSTRAINT "port_call_timestamp_party_known"
        CHECK ("party" IN ('SHIP', 'TERMINAL', 'PORT', 'SERVICE_PROVIDER')),
    ADD CONSTRAINT "port_call_timestamp_location_of_request" CHECK (
        "requested_location" IS NULL OR "classifier" = 'REQ' OR cardinality("breaches") > 0
    );

CREATE INDEX "port_call_timestamp_service_id_idx" ON "port_call_timestamp"("service_id");
CREATE INDEX "port_call_timestamp_reply_to_idx" ON "port_call_timestamp"("reply_to");

INSERT INTO "port_call_service"
    ("id", "port_call_id", "service_type", "event_type", "phase", "occurrence", "un_location_code")
SELECT gen_random_uuid(), t."port_call_id", t."service_type", t."event_type", t."phase", 1,
       c."un_location_code"
FROM "port_call_timestamp" t JOIN "port_call" c ON c."id" = t."port_call_id"
GROUP BY t."port_call_id", t."service_type", t."event_type", t."phase", c."un_location_code";

UPDATE "port_call_timestamp" t SET "service_id" = s."id"
FROM "port_call_service" s
WHERE s."port_call_id" = t."port_call_id" AND s."service_type" = t."service_type"
  AND s."event_type" = t."event_type" AND s."phase" IS NOT DISTINCT FROM t."phase";

-- That an orphan was attached to a call, or detached; rows are only ever added.
CREATE TABLE "timestamp_attachment" (
    "id" UUID NOT NULL,
    "timestamp_id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "reason" TEXT,
    "source" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "timestamp_attachment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "timestamp_attachment_timestamp_id_fkey" FOREIGN KEY ("timestamp_id")
        REFERENCES "port_call_timestamp"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "timestamp_attachment_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "timestamp_attachment_action_known" CHECK ("action" IN ('ATTACH', 'DETACH')),
    CONSTRAINT "timestamp_attachment_source_known" CHECK ("source" IN ('PERSON', 'SYSTEM'))
);

CREATE INDEX "timestamp_attachment_timestamp_id_decided_at_idx"
    ON "timestamp_attachment"("timestamp_id", "decided_at");

CREATE TABLE "service_order" (
    "id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "service_type" TEXT NOT NULL,
    "phase" TEXT,
    -- Of the call, so that its orders are found by one index.
    "agent_organization" TEXT NOT NULL,
    "provider_organization" TEXT NOT NULL,
    "quantity" INTEGER,
    "remark" TEXT,
    "requested_time" TIMESTAMPTZ(3) NOT NULL,
    "planned_time" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    -- The time that counts for now: what lists are sorted and searched by.
    "service_time" TIMESTAMPTZ(3) NOT NULL,
    "start_service_id" UUID NOT NULL,
    "complete_service_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "service_order_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "service_order_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "service_order_start_service_id_fkey" FOREIGN KEY ("start_service_id")
        REFERENCES "port_call_service"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "service_order_complete_service_id_fkey" FOREIGN KEY ("complete_service_id")
        REFERENCES "port_call_service"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "service_order_phase_known" CHECK ("phase" IN ('INBD', 'ALGS', 'SHIF', 'OUTB')),
    CONSTRAINT "service_order_quantity_positive" CHECK ("quantity" > 0),
    CONSTRAINT "service_order_state_known" CHECK (
        "state" IN ('REQUESTED', 'CONFIRMED', 'DENIED', 'STARTED', 'COMPLETED', 'CANCELLED')
    ),
    CONSTRAINT "service_order_confirmed_is_planned" CHECK (
        "state" NOT IN ('CONFIRMED', 'STARTED', 'COMPLETED') OR "planned_time" IS NOT NULL
    ),
    CONSTRAINT "service_order_started" CHECK (
        "state" NOT IN ('STARTED', 'COMPLETED') OR "started_at" IS NOT NULL
    ),
    CONSTRAINT "service_order_completed" CHECK (
        "state" <> 'COMPLETED' OR "completed_at" >= "started_at" AND "completed_at" IS NOT NULL
    ),
    CONSTRAINT "service_order_version_positive" CHECK ("version" > 0)
);

CREATE INDEX "service_order_port_call_id_service_time_id_idx"
    ON "service_order"("port_call_id", "service_time", "id");
CREATE INDEX "service_order_agent_organization_service_time_id_idx"
    ON "service_order"("agent_organization", "service_time", "id");
CREATE INDEX "service_order_provider_organization_service_time_id_idx"
    ON "service_order"("provider_organization", "service_time", "id");
CREATE INDEX "service_order_provider_organization_state_service_time_id_idx"
    ON "service_order"("provider_organization", "state", "service_time", "id");
CREATE INDEX "service_order_state_service_time_id_idx"
    ON "service_order"("state", "service_time", "id");
CREATE INDEX "service_order_service_time_id_idx" ON "service_order"("service_time", "id");

-- Every decision about an order, the request included; rows are only ever added.
CREATE TABLE "service_order_decision" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "from_state" TEXT,
    "to_state" TEXT NOT NULL,
    "reason" TEXT,
    "source" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "service_order_decision_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "service_order_decision_order_id_fkey" FOREIGN KEY ("order_id")
        REFERENCES "service_order"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "service_order_decision_source_known" CHECK ("source" IN ('PERSON', 'SYSTEM'))
);

CREATE INDEX "service_order_decision_order_id_decided_at_idx"
    ON "service_order_decision"("order_id", "decided_at");
