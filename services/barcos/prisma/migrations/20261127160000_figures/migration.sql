-- Which ships arrived at and left berths in some days: what figures begin with.
CREATE INDEX "port_call_timestamp_berthing_idx" ON "port_call_timestamp"("service_time", "port_call_id")
    WHERE "classifier" = 'ACT' AND "service_type" = 'BERTH';

-- Which ships lay alongside, whatever had been reserved.
CREATE INDEX "berth_occupancy_alongside_idx" ON "berth_occupancy"
    USING gist ("berth_id", tstzrange("alongside_from", "alongside_to"))
    WHERE "kind" = 'RESERVATION' AND "alongside_from" IS NOT NULL;

-- Timestamps that still belong to no call.
CREATE INDEX "port_call_timestamp_orphans_idx" ON "port_call_timestamp"("recorded_at", "id")
    WHERE "port_call_id" IS NULL;
