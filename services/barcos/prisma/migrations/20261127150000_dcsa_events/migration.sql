-- Events of DCSA Port Call as other organisations' systems sent them, each in its latest version.
CREATE TABLE "dcsa_event" (
    "id" UUID NOT NULL,
    "sender_organization" TEXT,
    "sent_by" TEXT NOT NULL,
    "event_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "payload" JSONB NOT NULL,
    "feedback" JSONB NOT NULL,
    "has_moves" BOOLEAN NOT NULL DEFAULT false,
    "port_call_id" UUID,
    "timestamp_id" UUID,
    "terminal_call_id" UUID,
    "terminal_call_reference" TEXT,

    CONSTRAINT "dcsa_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dcsa_event_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "dcsa_event_timestamp_id_fkey" FOREIGN KEY ("timestamp_id")
        REFERENCES "port_call_timestamp"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "dcsa_event_tells_one_thing" CHECK (NOT "has_moves" OR "timestamp_id" IS NULL)
);

CREATE UNIQUE INDEX "dcsa_event_timestamp_id_key" ON "dcsa_event"("timestamp_id");
CREATE INDEX "dcsa_event_port_call_id_has_moves_recorded_at_id_idx"
    ON "dcsa_event"("port_call_id", "has_moves", "recorded_at", "id");
CREATE INDEX "dcsa_event_has_moves_recorded_at_id_idx"
    ON "dcsa_event"("has_moves", "recorded_at", "id");
CREATE INDEX "dcsa_event_terminal_call_id_idx" ON "dcsa_event"("terminal_call_id");
CREATE INDEX "dcsa_event_terminal_call_reference_idx" ON "dcsa_event"("terminal_call_reference");

-- What carriers call a voyage is asked for, wherever in the terminal call it stands.
CREATE INDEX "dcsa_event_terminal_call_idx"
    ON "dcsa_event" USING gin (("payload" -> 'terminalCall') jsonb_path_ops);

CREATE INDEX "port_call_timestamp_service_time_id_idx"
    ON "port_call_timestamp"("service_time", "id");
CREATE INDEX "port_call_timestamp_service_type_recorded_at_id_idx"
    ON "port_call_timestamp"("service_type", "recorded_at", "id");
CREATE INDEX "port_call_timestamp_classifier_recorded_at_id_idx"
    ON "port_call_timestamp"("classifier", "recorded_at", "id");

CREATE INDEX "port_call_carrier_service_name_idx" ON "port_call"("carrier_service_name");
CREATE INDEX "port_call_carrier_service_code_idx" ON "port_call"("carrier_service_code");
CREATE INDEX "port_call_universal_service_reference_idx"
    ON "port_call"("universal_service_reference");
CREATE INDEX "port_call_carrier_import_voyage_number_idx"
    ON "port_call"("carrier_import_voyage_number");
CREATE INDEX "port_call_carrier_export_voyage_number_idx"
    ON "port_call"("carrier_export_voyage_number");
CREATE INDEX "port_call_universal_import_voyage_reference_idx"
    ON "port_call"("universal_import_voyage_reference");
CREATE INDEX "port_call_universal_export_voyage_reference_idx"
    ON "port_call"("universal_export_voyage_reference");
