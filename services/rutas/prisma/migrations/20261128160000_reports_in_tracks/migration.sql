-- A report of a position is one row: its message, as it came, stands with its position. Null in rows
-- of a former version, whose messages are all in "ais_message".
ALTER TABLE "position"
    ADD COLUMN "type" SMALLINT,
    ADD COLUMN "payload" TEXT,
    ADD COLUMN "fill_bits" SMALLINT,
    ADD COLUMN "own_time" BOOLEAN,
    ADD COLUMN "received_at" TIMESTAMPTZ(3);

-- Stretches of 30 s of which a message has been stored, in "position" or "ais_message". Those of a
-- former version are found by the key of "ais_message".
CREATE TABLE "ais_stretch" (
    "time_bucket" INTEGER NOT NULL,

    CONSTRAINT "ais_stretch_pkey" PRIMARY KEY ("time_bucket")
);
