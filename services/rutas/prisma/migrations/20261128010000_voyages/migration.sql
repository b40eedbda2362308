CREATE TABLE "voyage" (
    "id" UUID NOT NULL,
    "mmsi" TEXT,
    "imo" TEXT,
    "vessel_name" TEXT,
    "carrier_service_code" TEXT,
    "carrier_voyage_number" TEXT NOT NULL,
    "universal_voyage_reference" TEXT,
    "state" TEXT NOT NULL,
    "scheduled_start" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "deviations" JSONB NOT NULL,
    "deviating" TEXT[] NOT NULL,
    "estimate" JSONB,
    "watch_at" TIMESTAMPTZ(3),
    "trace_due" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "voyage_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "voyage_has_a_ship" CHECK ("mmsi" IS NOT NULL OR "imo" IS NOT NULL)
);
CREATE INDEX "voyage_scheduled_start_id_idx" ON "voyage" ("scheduled_start", "id");
CREATE INDEX "voyage_state_scheduled_start_id_idx" ON "voyage" ("state", "scheduled_start", "id");
CREATE INDEX "voyage_mmsi_scheduled_start_id_idx" ON "voyage" ("mmsi", "scheduled_start", "id");
CREATE INDEX "voyage_imo_scheduled_start_id_idx" ON "voyage" ("imo", "scheduled_start", "id");
-- Few voyages deviate, few are due: what is asked for most often is a small index.
CREATE INDEX "voyage_deviating_idx" ON "voyage" ("scheduled_start", "id") WHERE "deviating" <> '{}';
CREATE INDEX "voyage_watch_at_idx" ON "voyage" ("watch_at") WHERE "watch_at" IS NOT NULL;
CREATE INDEX "voyage_trace_due_idx" ON "voyage" ("changed_at", "id") WHERE "trace_due";

CREATE TABLE "transport_call" (
    "voyage_id" UUID NOT NULL,
    "number" SMALLINT NOT NULL,
    "reference" TEXT NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "facility_code" TEXT,
    "status_code" TEXT,
    "planned_arrival" TIMESTAMPTZ(3),
    "planned_departure" TIMESTAMPTZ(3),
    "state" TEXT NOT NULL,
    "port_call_id" UUID,
    "requested_arrival" TIMESTAMPTZ(3),
    "estimated_arrival" TIMESTAMPTZ(3),
    "arrived_at" TIMESTAMPTZ(3),
    "arrival_source" TEXT,
    "departed_at" TIMESTAMPTZ(3),
    "departure_source" TEXT,
    "expected_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "transport_call_pkey" PRIMARY KEY ("voyage_id", "number")
);
CREATE UNIQUE INDEX "transport_call_voyage_id_reference_key"
    ON "transport_call" ("voyage_id", "reference");
-- Who comes to a port, in the order of arrival.
CREATE INDEX "transport_call_un_location_code_expected_at_voyage_id_number_idx"
    ON "transport_call" ("un_location_code", "expected_at", "voyage_id", "number");
CREATE INDEX "transport_call_port_call_id_idx" ON "transport_call" ("port_call_id");
ALTER TABLE "transport_call" ADD CONSTRAINT "transport_call_voyage_id_fkey"
    FOREIGN KEY ("voyage_id") REFERENCES "voyage" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "voyage_entry" (
    "id" UUID NOT NULL,
    "voyage_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "recorded_by" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "source_event_id" UUID,
    "traceparent" TEXT,
    "content" JSONB NOT NULL,

    CONSTRAINT "voyage_entry_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "voyage_entry_voyage_id_number_key" ON "voyage_entry" ("voyage_id", "number");
-- An event that is read again, such as after a restored feed, is recorded once.
CREATE UNIQUE INDEX "voyage_entry_voyage_id_source_event_id_key"
    ON "voyage_entry" ("voyage_id", "source_event_id");
CREATE INDEX "voyage_entry_voyage_id_time_id_idx" ON "voyage_entry" ("voyage_id", "time", "id");
ALTER TABLE "voyage_entry" ADD CONSTRAINT "voyage_entry_voyage_id_fkey"
    FOREIGN KEY ("voyage_id") REFERENCES "voyage" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "voyage_span" (
    "voyage_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "revision" SMALLINT NOT NULL,
    "digest" TEXT NOT NULL,
    "exported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "voyage_span_pkey" PRIMARY KEY ("voyage_id", "key")
);
ALTER TABLE "voyage_span" ADD CONSTRAINT "voyage_span_voyage_id_fkey"
    FOREIGN KEY ("voyage_id") REFERENCES "voyage" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What barcos has told of port calls, for voyages that are scheduled later.
CREATE TABLE "port_call" (
    "id" UUID NOT NULL,
    "mmsi" TEXT,
    "imo" TEXT,
    "un_location_code" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "eta" TIMESTAMPTZ(3),
    "etd" TIMESTAMPTZ(3),
    "voyage_numbers" TEXT[] NOT NULL,
    "requested_arrival" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "port_call_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "port_call_mmsi_un_location_code_idx" ON "port_call" ("mmsi", "un_location_code");
CREATE INDEX "port_call_imo_un_location_code_idx" ON "port_call" ("imo", "un_location_code");
CREATE INDEX "port_call_changed_at_idx" ON "port_call" ("changed_at");
