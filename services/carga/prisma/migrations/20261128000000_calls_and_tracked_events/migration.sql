-- What is known of a port call, from the feed of barcos.
CREATE TABLE "port_call" (
    "id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "vessel_name" TEXT NOT NULL,
    "vessel_imo_number" TEXT,
    "agent_organization" TEXT NOT NULL,
    "carrier_organization" TEXT,
    "terminal_organization" TEXT,
    "eta" TIMESTAMPTZ(3),
    "etd" TIMESTAMPTZ(3),
    "port_visit_reference" TEXT,
    "told_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "port_call_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "port_call_told_at_id_idx" ON "port_call" ("told_at", "id");
CREATE INDEX "port_call_state_told_at_id_idx" ON "port_call" ("state", "told_at", "id");
CREATE INDEX "port_call_un_location_code_told_at_id_idx"
    ON "port_call" ("un_location_code", "told_at", "id");

ALTER TABLE "container_visit"
    ADD COLUMN "carrier_organization" TEXT,
    ADD COLUMN "carrier_booking_reference" TEXT,
    ADD COLUMN "transport_document_reference" TEXT,
    ADD COLUMN "discharge_port_call_id" UUID,
    ADD COLUMN "load_port_call_id" UUID;
CREATE INDEX "container_visit_carrier_organization_announced_at_id_idx"
    ON "container_visit" ("carrier_organization", "announced_at", "id");
CREATE INDEX "container_visit_carrier_booking_reference_idx"
    ON "container_visit" ("carrier_booking_reference");
CREATE INDEX "container_visit_transport_document_reference_idx"
    ON "container_visit" ("transport_document_reference");
CREATE INDEX "container_visit_load_port_call_id_id_idx"
    ON "container_visit" ("load_port_call_id", "id");
CREATE INDEX "container_visit_discharge_port_call_id_id_idx"
    ON "container_visit" ("discharge_port_call_id", "id");

-- Events as they are told by DCSA Track and Trace: the port's own, and those that were sent to it.
CREATE TABLE "tracked_event" (
    "id" UUID NOT NULL,
    "sender" TEXT NOT NULL,
    "event_id" TEXT NOT NULL CHECK (char_length("event_id") BETWEEN 1 AND 500),
    "series_id" UUID,
    "container_visit_id" UUID,
    "organization" TEXT,
    "event_type_code" TEXT,
    "equipment_reference" TEXT,
    "carrier_booking_reference" TEXT,
    "transport_document_reference" TEXT,
    "event_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "is_retracted" BOOLEAN NOT NULL DEFAULT false,
    "payload" JSONB NOT NULL,

    CONSTRAINT "tracked_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "tracked_event_series_id_fkey" FOREIGN KEY ("series_id")
        REFERENCES "container_visit_event" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "tracked_event_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "tracked_event_sender_event_id_key" ON "tracked_event" ("sender", "event_id");
CREATE UNIQUE INDEX "tracked_event_series_id_key" ON "tracked_event" ("series_id");
CREATE INDEX "tracked_event_event_updated_at_id_idx" ON "tracked_event" ("event_updated_at", "id");
CREATE INDEX "tracked_event_organization_event_updated_at_id_idx"
    ON "tracked_event" ("organization", "event_updated_at", "id");
CREATE INDEX "tracked_event_sender_event_updated_at_id_idx"
    ON "tracked_event" ("sender", "event_updated_at", "id");
CREATE INDEX "tracked_event_equipment_reference_event_updated_at_id_idx"
    ON "tracked_event" ("equipment_reference", "event_updated_at", "id");
CREATE INDEX "tracked_event_carrier_booking_reference_idx"
    ON "tracked_event" ("carrier_booking_reference");
CREATE INDEX "tracked_event_transport_document_reference_idx"
    ON "tracked_event" ("transport_document_reference");
CREATE INDEX "tracked_event_container_visit_id_idx" ON "tracked_event" ("container_visit_id");
