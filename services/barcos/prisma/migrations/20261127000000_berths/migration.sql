-- A trusted extension: the owner of the database may make it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE "berth" (
    "id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "facility_code" TEXT,
    "facility_code_list_provider" TEXT,
    -- Metres.
    "quay_length" DOUBLE PRECISION NOT NULL,
    "depth" DOUBLE PRECISION NOT NULL,
    "bollards" JSONB NOT NULL DEFAULT '[]',
    "maximum_length_overall" DOUBLE PRECISION,
    "maximum_beam" DOUBLE PRECISION,
    "maximum_draft" DOUBLE PRECISION,
    "maximum_deadweight" DOUBLE PRECISION,
    "overhead_clearance" DOUBLE PRECISION,
    "vessel_types" TEXT[],
    "dangerous_goods_classes" JSONB,
    "reefer_plugs" INTEGER,
    "geometry" JSONB,
    "state" TEXT NOT NULL,
    "state_reason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "berth_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "berth_un_location_code_shape" CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    CONSTRAINT "berth_facility_known" CHECK (
        ("facility_code" IS NULL) = ("facility_code_list_provider" IS NULL)
        AND length("facility_code") BETWEEN 1 AND 6
        AND "facility_code_list_provider" IN ('SMDG', 'BIC')
    ),
    CONSTRAINT "berth_measures_positive" CHECK (
        "quay_length" > 0 AND "depth" > 0 AND "maximum_length_overall" > 0 AND "maximum_beam" > 0
        AND "maximum_draft" > 0 AND "maximum_deadweight" > 0 AND "overhead_clearance" > 0
        AND "reefer_plugs" >= 0
    ),
    CONSTRAINT "berth_state_known" CHECK ("state" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "berth_version_positive" CHECK ("version" > 0)
);

CREATE UNIQUE INDEX "berth_un_location_code_code_key" ON "berth"("un_location_code", "code");
CREATE INDEX "berth_un_location_code_name_id_idx" ON "berth"("un_location_code", "name", "id");

-- What takes up metres of a quay for a time.
CREATE TABLE "berth_occupancy" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "berth_id" UUID NOT NULL,
    "port_call_id" UUID,
    "from_metre" DOUBLE PRECISION NOT NULL,
    "to_metre" DOUBLE PRECISION NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "side_alongside" TEXT,
    "reason" TEXT,
    "alongside_from" TIMESTAMPTZ(3),
    "alongside_to" TIMESTAMPTZ(3),
    "released_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "berth_occupancy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "berth_occupancy_berth_id_fkey" FOREIGN KEY ("berth_id") REFERENCES "berth"("id")
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "berth_occupancy_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "berth_occupancy_kind_known" CHECK (
        "kind" = 'RESERVATION' AND "port_call_id" IS NOT NULL
        OR "kind" = 'BLOCK' AND "port_call_id" IS NULL AND "reason" IS NOT NULL
    ),
    CONSTRAINT "berth_occupancy_metres" CHECK ("from_metre" >= 0 AND "from_metre" < "to_metre"),
    CONSTRAINT "berth_occupancy_window" CHECK ("starts_at" < "ends_at"),
    CONSTRAINT "berth_occupancy_alongside" CHECK ("alongside_from" <= "alongside_to"),
    CONSTRAINT "berth_occupancy_side_known" CHECK ("side_alongside" IN ('PORT', 'STARBOARD')),
    CONSTRAINT "berth_occupancy_version_positive" CHECK ("version" > 0),
    -- Two planners who race for the same metres cannot both win, whatever the service has checked.
    CONSTRAINT "berth_occupancy_ships_apart" EXCLUDE USING gist (
        "berth_id" WITH =,
        numrange("from_metre"::numeric, "to_metre"::numeric) WITH &&,
        tstzrange("starts_at", "ends_at") WITH &&
    ) WHERE ("kind" = 'RESERVATION' AND "released_at" IS NULL),
    -- Blocks may overlap each other, but no ship.
    CONSTRAINT "berth_occupancy_ships_clear_of_blocks" EXCLUDE USING gist (
        "berth_id" WITH =,
        "kind" WITH <>,
        numrange("from_metre"::numeric, "to_metre"::numeric) WITH &&,
        tstzrange("starts_at", "ends_at") WITH &&
    ) WHERE ("released_at" IS NULL)
);

CREATE INDEX "berth_occupancy_berth_id_starts_at_id_idx"
    ON "berth_occupancy"("berth_id", "starts_at", "id");
CREATE INDEX "berth_occupancy_port_call_id_starts_at_id_idx"
    ON "berth_occupancy"("port_call_id", "starts_at", "id");
