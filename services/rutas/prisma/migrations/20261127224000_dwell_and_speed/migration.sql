ALTER TABLE "zone"
    ADD COLUMN "dwell_minutes" INTEGER CHECK ("dwell_minutes" BETWEEN 1 AND 525600),
    ADD COLUMN "speed_limit_knots" REAL CHECK ("speed_limit_knots" > 0);
-- Whether the ship has been told of as one that dwells, and as one that is too fast.
ALTER TABLE "zone_presence"
    ADD COLUMN "dwelt" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "speeding" BOOLEAN NOT NULL DEFAULT false;
