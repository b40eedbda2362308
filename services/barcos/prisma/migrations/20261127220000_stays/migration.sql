-- Where two ships were said to lie on the same metres, the first had left when the other came.
UPDATE "berth_occupancy" AS "first"
SET "alongside_to" = greatest("first"."alongside_from", "next"."alongside_from")
FROM "berth_occupancy" AS "next"
WHERE "first"."berth_id" = "next"."berth_id"
    AND "first"."kind" = 'RESERVATION' AND "next"."kind" = 'RESERVATION'
    AND "first"."alongside_to" IS NULL AND "next"."alongside_to" IS NULL
    AND "first"."released_at" IS NULL AND "next"."released_at" IS NULL
    AND ("first"."alongside_from", "first"."id") < ("next"."alongside_from", "next"."id")
    AND numrange("first"."from_metre"::numeric, "first"."to_metre"::numeric)
        && numrange("next"."from_metre"::numeric, "next"."to_metre"::numeric);

-- The window that was agreed, where what is taken of the quay has come to differ from it: the ship came
-- early, or has left early.
ALTER TABLE "berth_occupancy"
    ADD COLUMN "reserved_from" TIMESTAMPTZ(3),
    ADD COLUMN "reserved_until" TIMESTAMPTZ(3),
    -- However long a ship stays, no other lies on its metres until it has left.
    ADD CONSTRAINT "berth_occupancy_one_ship_at_a_place" EXCLUDE USING gist (
        "berth_id" WITH =,
        numrange("from_metre"::numeric, "to_metre"::numeric) WITH &&
    ) WHERE (
        "kind" = 'RESERVATION' AND "alongside_from" IS NOT NULL AND "alongside_to" IS NULL
        AND "released_at" IS NULL
    );
