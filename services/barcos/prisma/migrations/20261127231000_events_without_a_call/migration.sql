-- A sender reads its own events that have no call yet.
CREATE INDEX "dcsa_event_unplaced_idx" ON "dcsa_event" ("sender_organization", "recorded_at", "id")
    WHERE "port_call_id" IS NULL;

-- An event goes where its timestamp was attached.
UPDATE "dcsa_event" e SET "port_call_id" = t."port_call_id"
FROM "port_call_timestamp" t
WHERE t."id" = e."timestamp_id" AND e."port_call_id" IS DISTINCT FROM t."port_call_id";
