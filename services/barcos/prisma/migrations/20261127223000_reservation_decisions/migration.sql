-- Who put a ship where along the quay, and when.
CREATE TABLE "reservation_decision" (
    "id" UUID NOT NULL,
    "reservation_id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "from_state" TEXT,
    "to_state" TEXT NOT NULL,
    "berth_code" TEXT NOT NULL,
    "changes" JSONB,
    "source" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reservation_decision_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reservation_decision_reservation_id_fkey" FOREIGN KEY ("reservation_id")
        REFERENCES "berth_occupancy" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "reservation_decision_port_call_id_decided_at_id_idx"
    ON "reservation_decision" ("port_call_id", "decided_at", "id");
CREATE INDEX "timestamp_attachment_port_call_id_idx" ON "timestamp_attachment" ("port_call_id");
