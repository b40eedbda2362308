-- The truck that brought or fetched a container, what was remarked when an event was recorded, and why
-- a place was taken in spite of the rules of segregation.
ALTER TABLE "container_visit_event"
    ADD COLUMN "gate_appointment_id" UUID,
    ADD COLUMN "warnings" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "override_reason" TEXT,
    ADD CONSTRAINT "container_visit_event_gate_appointment_id_fkey" FOREIGN KEY ("gate_appointment_id")
        REFERENCES "gate_appointment" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "container_visit_event_gate_appointment_id_idx"
    ON "container_visit_event" ("gate_appointment_id");
