CREATE TABLE "zone" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL CHECK (char_length("name") BETWEEN 1 AND 100),
    "kind" TEXT NOT NULL
        CHECK ("kind" IN ('port-area', 'anchorage', 'pilot-boarding', 'berth', 'custom')),
    "geometry" JSONB NOT NULL CHECK ("geometry"->>'type' IN ('Polygon', 'Point')),
    "radius_metres" DOUBLE PRECISION CHECK ("radius_metres" > 0),
    "un_location_code" TEXT CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "facility_code" TEXT CHECK (char_length("facility_code") BETWEEN 1 AND 6),
    "still_minutes" SMALLINT NOT NULL DEFAULT 5 CHECK ("still_minutes" BETWEEN 1 AND 1440),
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "zone_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "zone_circle_has_radius"
        CHECK (("geometry"->>'type' = 'Point') = ("radius_metres" IS NOT NULL))
);
CREATE INDEX "zone_kind_id_idx" ON "zone" ("kind", "id");
CREATE INDEX "zone_un_location_code_id_idx" ON "zone" ("un_location_code", "id");

CREATE TABLE "zone_revision" (
    "singleton" BOOLEAN NOT NULL DEFAULT true CHECK ("singleton"),
    "revision" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "zone_revision_pkey" PRIMARY KEY ("singleton")
);
INSERT INTO "zone_revision" DEFAULT VALUES;

CREATE TABLE "zone_presence" (
    "mmsi" INTEGER NOT NULL CHECK ("mmsi" BETWEEN 0 AND 999999999),
    "zone_id" UUID NOT NULL,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "outside_since" TIMESTAMPTZ(3),
    "outside_lat" DOUBLE PRECISION,
    "outside_lon" DOUBLE PRECISION,
    "still_since" TIMESTAMPTZ(3),
    "still_lat" DOUBLE PRECISION,
    "still_lon" DOUBLE PRECISION,
    "stopped" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "zone_presence_pkey" PRIMARY KEY ("mmsi", "zone_id")
);
CREATE INDEX "zone_presence_zone_id_idx" ON "zone_presence" ("zone_id");
-- A zone that goes takes its ships' stays with it.
ALTER TABLE "zone_presence" ADD CONSTRAINT "zone_presence_zone_id_fkey"
    FOREIGN KEY ("zone_id") REFERENCES "zone" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Numbers messages in the order they were accepted. Ingest takes as many at once as a batch needs.
CREATE SEQUENCE "ais_message_number" AS BIGINT;

CREATE TABLE "ais_message" (
    "time_bucket" INTEGER NOT NULL,
    -- Five slots, the longest message, are 178 characters.
    "payload" TEXT NOT NULL CHECK (char_length("payload") BETWEEN 1 AND 256),
    "id" BIGINT NOT NULL,
    "type" SMALLINT NOT NULL CHECK ("type" BETWEEN 1 AND 27),
    "fill_bits" SMALLINT NOT NULL CHECK ("fill_bits" BETWEEN 0 AND 5),
    "mmsi" INTEGER CHECK ("mmsi" BETWEEN 0 AND 999999999),
    "time" TIMESTAMPTZ(3) NOT NULL,
    "own_time" BOOLEAN NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT CHECK (char_length("source") <= 64),

    CONSTRAINT "ais_message_pkey" PRIMARY KEY ("time_bucket", "payload")
);

CREATE TABLE "ais_pending_part" (
    "id" BIGSERIAL NOT NULL,
    "sender" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ais_pending_part_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "ais_pending_part_sender_id_idx" ON "ais_pending_part" ("sender", "id");

CREATE TABLE "position" (
    "mmsi" INTEGER NOT NULL CHECK ("mmsi" BETWEEN 0 AND 999999999),
    "time" TIMESTAMPTZ(3) NOT NULL,
    -- Several reports of one ship may carry the same time: a replay arrives within a millisecond.
    "message_id" BIGINT NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL CHECK ("lat" BETWEEN -90 AND 90),
    "lon" DOUBLE PRECISION NOT NULL CHECK ("lon" BETWEEN -180 AND 180),
    "speed" REAL CHECK ("speed" >= 0),
    "course" REAL CHECK ("course" >= 0 AND "course" < 360),
    "heading" SMALLINT CHECK ("heading" BETWEEN 0 AND 359),
    "status" SMALLINT CHECK ("status" BETWEEN 0 AND 15),
    "source" TEXT CHECK (char_length("source") <= 64),
    "quarantined" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "position_pkey" PRIMARY KEY ("mmsi", "time", "message_id")
);

CREATE TABLE "target" (
    "mmsi" INTEGER NOT NULL CHECK ("mmsi" BETWEEN 0 AND 999999999),
    "kind" TEXT NOT NULL CHECK ("kind" IN ('vessel', 'base-station', 'aid-to-navigation')),
    "station_class" TEXT CHECK ("station_class" IN ('A', 'B')),
    "name" TEXT,
    "name_confirmed" BOOLEAN NOT NULL DEFAULT false,
    "name_candidate" TEXT,
    "call_sign" TEXT,
    "imo" TEXT CHECK ("imo" ~ '^\d{7}$'),
    "ship_type" SMALLINT CHECK ("ship_type" BETWEEN 1 AND 255),
    "dimensions" JSONB,
    "draught" REAL CHECK ("draught" > 0),
    "destination" TEXT,
    "eta" JSONB,
    "static_at" TIMESTAMPTZ(3),
    "fix_time" TIMESTAMPTZ(3),
    "fix_own_time" BOOLEAN,
    "lat" DOUBLE PRECISION CHECK ("lat" BETWEEN -90 AND 90),
    "lon" DOUBLE PRECISION CHECK ("lon" BETWEEN -180 AND 180),
    "speed" REAL CHECK ("speed" >= 0),
    "course" REAL CHECK ("course" >= 0 AND "course" < 360),
    "heading" SMALLINT CHECK ("heading" BETWEEN 0 AND 359),
    "status" SMALLINT CHECK ("status" BETWEEN 0 AND 15),
    "cell" INTEGER,
    "suspect" JSONB,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "target_pkey" PRIMARY KEY ("mmsi"),
    CONSTRAINT "target_fix_is_whole"
        CHECK (num_nulls("fix_time", "fix_own_time", "lat", "lon", "cell") IN (0, 5))
)
-- Room on each page for the next version of a row: as long as a ship stays in its cell, a new
-- position touches no index.
WITH (fillfactor = 70);
CREATE INDEX "target_cell_mmsi_idx" ON "target" ("cell", "mmsi");
CREATE INDEX "target_name_idx" ON "target" ("name" text_pattern_ops);
