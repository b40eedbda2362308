-- What each batch of AIS changed, for live streams. Unlogged: it would double what is written ahead,
-- and a reader whose place a crash of the database took begins anew.
CREATE UNLOGGED TABLE "live_change" (
    "last_message" BIGINT NOT NULL,
    -- Milliseconds since 1970. Tells a number from the same one before the database was restored.
    "written" BIGINT NOT NULL,
    "positions" TEXT NOT NULL,
    "zone_events" TEXT NOT NULL,

    CONSTRAINT "live_change_pkey" PRIMARY KEY ("last_message")
);
-- Compressing what goes in minutes costs more than its room.
ALTER TABLE "live_change" ALTER COLUMN "positions" SET STORAGE EXTERNAL;
