-- What a reservation was made for, so that it is asked again when it moves to another berth.
ALTER TABLE "berth_occupancy"
    ADD COLUMN "dangerous_goods_classes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    ADD COLUMN "reefers" INTEGER NOT NULL DEFAULT 0,
    -- Metres above the charted depth.
    ADD COLUMN "predicted_tide" DOUBLE PRECISION,
    ADD CONSTRAINT "berth_occupancy_reefers_counted" CHECK ("reefers" >= 0),
    -- A ship lies at one place at a time.
    ADD CONSTRAINT "berth_occupancy_call_at_one_place" EXCLUDE USING gist (
        "port_call_id" WITH =,
        tstzrange("starts_at", "ends_at") WITH &&
    ) WHERE ("kind" = 'RESERVATION' AND "released_at" IS NULL);
