-- Batches of AIS that one replica hands to the one that writes. Unlogged: nobody has been told that
-- they are durable, and who handed over one that a crash of the database took hands it over again.
CREATE UNLOGGED TABLE "ais_forwarded_batch" (
    "id" BIGSERIAL NOT NULL,
    "batch" TEXT NOT NULL,
    "handed_over_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- What became of it; null while it waits.
    "outcome" JSONB,

    CONSTRAINT "ais_forwarded_batch_pkey" PRIMARY KEY ("id")
);
-- Compressing what goes in an instant costs more than its room.
ALTER TABLE "ais_forwarded_batch" ALTER COLUMN "batch" SET STORAGE EXTERNAL;
