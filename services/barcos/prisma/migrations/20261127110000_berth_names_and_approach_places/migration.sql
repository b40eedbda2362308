ALTER TABLE "berth"
    ADD COLUMN "name_key" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "state_changed_at" TIMESTAMPTZ(3),
    ADD COLUMN "state_changed_by" TEXT;

UPDATE "berth" SET "name_key" = upper("name");

CREATE INDEX "berth_name_key_id_idx" ON "berth"("name_key", "id");
CREATE INDEX "berth_code_id_idx" ON "berth"("code", "id");
CREATE INDEX "berth_un_location_code_name_key_id_idx"
    ON "berth"("un_location_code", "name_key", "id");

-- Anchorages and pilot boarding places.
CREATE TABLE "approach_place" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "geometry" JSONB NOT NULL,
    -- Metres.
    "radius_metres" DOUBLE PRECISION,
    "depth" DOUBLE PRECISION,
    "maximum_draft" DOUBLE PRECISION,
    "maximum_length_overall" DOUBLE PRECISION,
    "capacity" INTEGER,
    "vhf_channel" INTEGER,
    "state" TEXT NOT NULL,
    "state_reason" TEXT,
    "state_changed_at" TIMESTAMPTZ(3),
    "state_changed_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approach_place_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "approach_place_kind_known" CHECK (
        "kind" = 'ANCHORAGE' AND "vhf_channel" IS NULL
        OR "kind" = 'PILOT_BOARDING_PLACE' AND "capacity" IS NULL
    ),
    CONSTRAINT "approach_place_un_location_code_shape" CHECK (
        "un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'
    ),
    CONSTRAINT "approach_place_measures_positive" CHECK (
        "radius_metres" > 0 AND "depth" > 0 AND "maximum_draft" > 0
        AND "maximum_length_overall" > 0 AND "capacity" > 0 AND "vhf_channel" > 0
    ),
    CONSTRAINT "approach_place_state_known" CHECK ("state" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "approach_place_version_positive" CHECK ("version" > 0)
);

CREATE UNIQUE INDEX "approach_place_kind_un_location_code_code_key"
    ON "approach_place"("kind", "un_location_code", "code");
CREATE INDEX "approach_place_kind_name_key_id_idx" ON "approach_place"("kind", "name_key", "id");
CREATE INDEX "approach_place_kind_code_id_idx" ON "approach_place"("kind", "code", "id");
CREATE INDEX "approach_place_kind_un_location_code_name_key_id_idx"
    ON "approach_place"("kind", "un_location_code", "name_key", "id");
