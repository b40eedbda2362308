-- What is told of calls comes in the order in which it came to be told: what was recorded early and
-- attached to a call late is news when it is attached.
CREATE INDEX "port_call_timestamp_told_idx"
    ON "port_call_timestamp" ((greatest("recorded_at", "attached_at")), "id");
CREATE INDEX "port_call_timestamp_service_type_told_idx"
    ON "port_call_timestamp" ("service_type", (greatest("recorded_at", "attached_at")), "id");
CREATE INDEX "port_call_timestamp_classifier_told_idx"
    ON "port_call_timestamp" ("classifier", (greatest("recorded_at", "attached_at")), "id");
CREATE INDEX "port_call_timestamp_port_call_told_idx"
    ON "port_call_timestamp" ("port_call_id", (greatest("recorded_at", "attached_at")), "id");

-- That calls were omitted and services called off is told as well.
CREATE INDEX "port_call_decision_omitted_idx" ON "port_call_decision" ("decided_at", "id")
    WHERE "action" = 'omit';
CREATE INDEX "port_call_service_called_off_idx"
    ON "port_call_service" ((coalesce("cancelled_at", "declined_at")), "id")
    WHERE coalesce("cancelled_at", "declined_at") IS NOT NULL;
