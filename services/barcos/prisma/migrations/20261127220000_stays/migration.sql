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
