-- How carriers and the port name a call (DCSA Port Call).
ALTER TABLE "port_call"
    ADD COLUMN "port_visit_reference" TEXT,
    ADD COLUMN "carrier_service_code" TEXT,
    ADD COLUMN "carrier_service_name" TEXT,
    ADD COLUMN "universal_service_reference" TEXT,
    ADD COLUMN "carrier_import_voyage_number" TEXT,
    ADD COLUMN "carrier_export_voyage_number" TEXT,
    ADD COLUMN "universal_import_voyage_reference" TEXT,
    ADD COLUMN "universal_export_voyage_reference" TEXT,
    ADD CONSTRAINT "port_call_references_length" CHECK (
        length("port_visit_reference") BETWEEN 1 AND 50
        AND length("carrier_service_code") BETWEEN 1 AND 11
        AND length("carrier_service_name") BETWEEN 1 AND 50
        AND length("carrier_import_voyage_number") BETWEEN 1 AND 50
        AND length("carrier_export_voyage_number") BETWEEN 1 AND 50
    ),
    ADD CONSTRAINT "port_call_universal_references_shape" CHECK (
        "universal_service_reference" ~ '^SR\d{5}[A-Z]$'
        AND "universal_import_voyage_reference" ~ '^\d{2}[0-9A-Z]{2}[NEWSR]$'
        AND "universal_export_voyage_reference" ~ '^\d{2}[0-9A-Z]{2}[NEWSR]$'
    );

CREATE INDEX "port_call_vessel_id_eta_id_idx" ON "port_call"("vessel_id", "eta", "id");
CREATE INDEX "port_call_etd_id_idx" ON "port_call"("etd", "id");
CREATE INDEX "port_call_port_visit_reference_idx" ON "port_call"("port_visit_reference");

-- A step happens at a time of its own, and an amendment says what it changed. AIS may take steps.
ALTER TABLE "port_call_decision"
    ADD COLUMN "occurred_at" TIMESTAMPTZ(3),
    ADD COLUMN "changes" JSONB,
    DROP CONSTRAINT "port_call_decision_source_known",
    ADD CONSTRAINT "port_call_decision_source_known"
        CHECK ("source" IN ('AIS', 'SYSTEM', 'PERSON'));
