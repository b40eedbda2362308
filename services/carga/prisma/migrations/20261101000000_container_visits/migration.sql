CREATE TABLE "container_visit" (
    "id" UUID NOT NULL,
    "equipment_reference" TEXT NOT NULL CHECK ("equipment_reference" ~ '^[A-Z0-9]{4,11}$'),
    "iso_equipment_code" TEXT NOT NULL CHECK ("iso_equipment_code" ~ '^[A-Z0-9]{4}$'),
    "tare_weight" INTEGER NOT NULL CHECK ("tare_weight" > 0),
    "maximum_gross_weight" INTEGER NOT NULL,
    "is_empty" BOOLEAN NOT NULL,
    "flow" TEXT NOT NULL,
    "seals" JSONB NOT NULL CHECK (jsonb_typeof("seals") = 'array'),
    "internal_setpoint_temperature" DOUBLE PRECISION
        CHECK ("internal_setpoint_temperature" BETWEEN -80 AND 80),
    "un_location_code" TEXT NOT NULL CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "shipper_owned_override" TEXT CHECK (char_length("shipper_owned_override") BETWEEN 1 AND 500),
    "state" TEXT NOT NULL,
    "position_in" TEXT,
    "block" TEXT,
    "bay" TEXT,
    "row" TEXT,
    "tier" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "announced_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "container_visit_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "container_visit_weights" CHECK ("tare_weight" < "maximum_gross_weight"),
    CONSTRAINT "container_visit_state_of_flow" CHECK (CASE "flow"
        WHEN 'EXPORT' THEN "state" IN ('ADVISED', 'GATED_IN', 'IN_YARD', 'LOADED', 'DEPARTED')
        WHEN 'IMPORT' THEN "state" IN ('ON_BOARD', 'DISCHARGED', 'IN_YARD', 'RELEASED', 'GATED_OUT')
        WHEN 'TRANSSHIPMENT' THEN "state" IN ('ON_BOARD', 'DISCHARGED', 'IN_YARD', 'LOADED')
        ELSE false END),
    CONSTRAINT "container_visit_position" CHECK (CASE "position_in"
        WHEN 'VESSEL' THEN "block" IS NULL AND num_nulls("bay", "row", "tier") = 0
        WHEN 'YARD' THEN num_nulls("block", "bay", "row", "tier") = 0
        ELSE num_nonnulls("position_in", "block", "bay", "row", "tier") = 0 END)
);
CREATE INDEX "container_visit_announced_at_id_idx" ON "container_visit" ("announced_at", "id");
CREATE INDEX "container_visit_equipment_reference_id_idx"
    ON "container_visit" ("equipment_reference", "id");
CREATE INDEX "container_visit_state_announced_at_id_idx"
    ON "container_visit" ("state", "announced_at", "id");
CREATE INDEX "container_visit_flow_announced_at_id_idx"
    ON "container_visit" ("flow", "announced_at", "id");
CREATE INDEX "container_visit_un_location_code_announced_at_id_idx"
    ON "container_visit" ("un_location_code", "announced_at", "id");

-- A container is at one place once: a second visit there begins when the first has ended.
CREATE UNIQUE INDEX "container_visit_open"
    ON "container_visit" ("equipment_reference", "un_location_code")
    WHERE ("flow", "state") NOT IN
        (('EXPORT', 'DEPARTED'), ('IMPORT', 'GATED_OUT'), ('TRANSSHIPMENT', 'LOADED'));

CREATE TABLE "container_visit_event" (
    "id" UUID NOT NULL,
    "container_visit_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL CHECK ("sequence" > 0),
    "series_id" UUID NOT NULL,
    "updates_id" UUID,
    "event_code" TEXT NOT NULL CHECK ("event_code" IN (
        'ARRI', 'AVDO', 'AVPU', 'CROS', 'CUSI', 'CUSR', 'CUSS', 'DEPA', 'DISC', 'DROP', 'GTIN',
        'GTOT', 'INSP', 'LOAD', 'PICK', 'RELS', 'RMVD', 'RSEA', 'STRP', 'STUF', 'YARD')),
    "event_classifier_code" TEXT NOT NULL CHECK ("event_classifier_code" IN ('PLN', 'EST', 'ACT')),
    "event_date_time" TIMESTAMPTZ(3) NOT NULL,
    "position_in" TEXT,
    "block" TEXT,
    "bay" TEXT,
    "row" TEXT,
    "tier" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "container_visit_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "container_visit_event_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "container_visit_event_updates_id_fkey" FOREIGN KEY ("updates_id")
        REFERENCES "container_visit_event" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "container_visit_event_series"
        CHECK (("updates_id" IS NULL) = ("series_id" = "id")),
    CONSTRAINT "container_visit_event_position" CHECK (CASE "position_in"
        WHEN 'VESSEL' THEN "block" IS NULL AND num_nulls("bay", "row", "tier") = 0
        WHEN 'YARD' THEN num_nulls("block", "bay", "row", "tier") = 0
        ELSE num_nonnulls("position_in", "block", "bay", "row", "tier") = 0 END)
);
CREATE UNIQUE INDEX "container_visit_event_container_visit_id_sequence_key"
    ON "container_visit_event" ("container_visit_id", "sequence");
CREATE INDEX "container_visit_event_updates_id_idx" ON "container_visit_event" ("updates_id");

CREATE TABLE "container_visit_event_retraction" (
    "series_id" UUID NOT NULL,
    "reason" TEXT NOT NULL CHECK (char_length("reason") BETWEEN 1 AND 500),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "container_visit_event_retraction_pkey" PRIMARY KEY ("series_id"),
    CONSTRAINT "container_visit_event_retraction_series_id_fkey" FOREIGN KEY ("series_id")
        REFERENCES "container_visit_event" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
