-- What is to be loaded onto, or discharged from, the ship of a call.
CREATE TABLE "cargo_list_item" (
    "port_call_id" UUID NOT NULL,
    "list" TEXT NOT NULL CHECK ("list" IN ('LOAD', 'DISCHARGE')),
    "equipment_reference" TEXT NOT NULL,
    "iso_equipment_code" TEXT NOT NULL,
    "is_empty" BOOLEAN NOT NULL,
    "gross_weight" INTEGER CHECK ("gross_weight" > 0),
    "port_of_loading" TEXT,
    "port_of_discharge" TEXT,
    "bay" TEXT,
    "row" TEXT,
    "tier" TEXT,
    "internal_setpoint_temperature" DOUBLE PRECISION,

    CONSTRAINT "cargo_list_item_pkey" PRIMARY KEY ("port_call_id", "list", "equipment_reference"),
    CONSTRAINT "cargo_list_item_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "cargo_list_item_slot" CHECK (num_nulls("bay", "row", "tier") IN (0, 3))
);

CREATE TABLE "transport_document" (
    "id" UUID NOT NULL,
    "transport_document_reference" TEXT NOT NULL
        CHECK (char_length("transport_document_reference") BETWEEN 1 AND 20),
    "carrier_booking_reference" TEXT,
    "carrier_organization" TEXT,
    "shipper" TEXT NOT NULL,
    "consignee" TEXT,
    "port_of_loading" TEXT NOT NULL,
    "port_of_discharge" TEXT NOT NULL,
    "consignment_items" JSONB NOT NULL CHECK (jsonb_typeof("consignment_items") = 'array'),
    "state" TEXT NOT NULL CHECK ("state" IN ('DRAFT', 'ISSUED', 'SURRENDERED', 'VOIDED')),
    "reason" TEXT,
    "issued_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "transport_document_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "transport_document_issued" CHECK (("issued_at" IS NOT NULL) OR "state" IN ('DRAFT', 'VOIDED'))
);
CREATE UNIQUE INDEX "transport_document_transport_document_reference_key"
    ON "transport_document" ("transport_document_reference");
CREATE INDEX "transport_document_created_at_id_idx" ON "transport_document" ("created_at", "id");
CREATE INDEX "transport_document_state_created_at_id_idx"
    ON "transport_document" ("state", "created_at", "id");
CREATE INDEX "transport_document_carrier_organization_created_at_id_idx"
    ON "transport_document" ("carrier_organization", "created_at", "id");

-- What figures are counted from: actual moves by time.
CREATE INDEX "container_visit_event_moves" ON "container_visit_event" ("event_date_time", "event_code")
    WHERE "event_classifier_code" = 'ACT'
        AND "event_code" IN ('GTIN', 'GTOT', 'LOAD', 'DISC');

CREATE INDEX "container_visit_carrier_organization_equipment_reference_id_idx"
    ON "container_visit" ("carrier_organization", "equipment_reference", "id");
