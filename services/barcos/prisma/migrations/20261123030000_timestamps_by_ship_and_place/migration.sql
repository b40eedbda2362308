-- For the list of timestamps: by each filter that it has, in its order.
CREATE INDEX "port_call_timestamp_reported_mmsi_number_recorded_at_id_idx"
    ON "port_call_timestamp"("reported_mmsi_number", "recorded_at", "id");
CREATE INDEX "port_call_timestamp_reported_imo_number_recorded_at_id_idx"
    ON "port_call_timestamp"("reported_imo_number", "recorded_at", "id");
CREATE INDEX "port_call_timestamp_un_location_code_recorded_at_id_idx"
    ON "port_call_timestamp"("un_location_code", "recorded_at", "id");
