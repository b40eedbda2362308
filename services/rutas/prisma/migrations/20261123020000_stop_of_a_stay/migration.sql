ALTER TABLE "zone_presence" ADD COLUMN "stopped_at" TIMESTAMPTZ(3);
-- Of a ship that has moved again, when it had stopped is known only to be after it entered.
UPDATE "zone_presence" SET "stopped_at" = COALESCE("still_since", "entered_at") WHERE "stopped";
ALTER TABLE "zone_presence" DROP COLUMN "stopped";
