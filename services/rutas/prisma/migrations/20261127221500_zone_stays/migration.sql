-- Stays in zones that have ended; those under way are in "zone_presence".
CREATE TABLE "zone_stay" (
    "zone_id" UUID NOT NULL,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "mmsi" INTEGER NOT NULL,
    "left_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "zone_stay_pkey" PRIMARY KEY ("zone_id", "entered_at", "mmsi")
);
-- Who was in a zone is found from either end: by who had come, or by who has left since.
CREATE INDEX "zone_stay_zone_id_left_at_idx" ON "zone_stay" ("zone_id", "left_at");
CREATE INDEX "zone_stay_left_at_idx" ON "zone_stay" ("left_at");
ALTER TABLE "zone_stay" ADD CONSTRAINT "zone_stay_zone_id_fkey"
    FOREIGN KEY ("zone_id") REFERENCES "zone" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
