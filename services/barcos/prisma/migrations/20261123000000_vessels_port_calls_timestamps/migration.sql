CREATE TABLE "vessel" (
    "id" UUID NOT NULL,
    "imo_number" TEXT,
    "mmsi_number" TEXT,
    "call_sign" TEXT,
    "name" TEXT NOT NULL,
    -- Compared byte by byte, so that one index serves both the order and the search by beginning.
    "name_key" TEXT COLLATE "C" NOT NULL,
    "flag" TEXT,
    "type" TEXT,
    "length_overall" DOUBLE PRECISION,
    "beam" DOUBLE PRECISION,
    "maximum_draft" DOUBLE PRECISION,
    "air_draft" DOUBLE PRECISION,
    "gross_tonnage" INTEGER,
    "deadweight" DOUBLE PRECISION,
    "capacity_teu" INTEGER,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vessel_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "vessel_identified" CHECK ("imo_number" IS NOT NULL OR "mmsi_number" IS NOT NULL),
    CONSTRAINT "vessel_imo_number_shape" CHECK ("imo_number" ~ '^\d{7}$'),
    CONSTRAINT "vessel_mmsi_number_shape" CHECK ("mmsi_number" ~ '^[2-7]\d{8}$'),
    CONSTRAINT "vessel_call_sign_length" CHECK (length("call_sign") BETWEEN 1 AND 10),
    CONSTRAINT "vessel_flag_shape" CHECK ("flag" ~ '^[A-Z]{2}$'),
    CONSTRAINT "vessel_dimensions_positive" CHECK (
        "length_overall" > 0 AND "beam" > 0 AND "maximum_draft" > 0 AND "air_draft" > 0
    ),
    CONSTRAINT "vessel_measures_not_negative" CHECK (
        "gross_tonnage" >= 0 AND "deadweight" >= 0 AND "capacity_teu" >= 0
    ),
    CONSTRAINT "vessel_state_known" CHECK ("state" IN ('ACTIVE', 'LAID_UP', 'DETAINED', 'SCRAPPED')),
    CONSTRAINT "vessel_version_positive" CHECK ("version" > 0)
);

CREATE UNIQUE INDEX "vessel_imo_number_key" ON "vessel"("imo_number");
CREATE UNIQUE INDEX "vessel_mmsi_number_key" ON "vessel"("mmsi_number");
CREATE INDEX "vessel_name_key_id_idx" ON "vessel"("name_key", "id");
CREATE INDEX "vessel_call_sign_idx" ON "vessel"("call_sign");

CREATE TABLE "port_call" (
    "id" UUID NOT NULL,
    "vessel_id" UUID NOT NULL,
    "agent_organization" TEXT NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "purposes" TEXT[],
    "previous_port" TEXT,
    "next_port" TEXT,
    "eta" TIMESTAMPTZ(3),
    "etd" TIMESTAMPTZ(3),
    "declared_arrival_draft" DOUBLE PRECISION,
    "declared_departure_draft" DOUBLE PRECISION,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "announced_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "port_call_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "port_call_vessel_id_fkey" FOREIGN KEY ("vessel_id") REFERENCES "vessel"("id")
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "port_call_un_location_code_shape" CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    CONSTRAINT "port_call_neighbours_shape" CHECK (
        "previous_port" ~ '^[A-Z]{2}[A-Z2-9]{3}$' AND "next_port" ~ '^[A-Z]{2}[A-Z2-9]{3}$'
    ),
    CONSTRAINT "port_call_has_purpose" CHECK (cardinality("purposes") > 0),
    CONSTRAINT "port_call_ends_after_it_begins" CHECK ("etd" > "eta"),
    CONSTRAINT "port_call_drafts_positive" CHECK (
        "declared_arrival_draft" > 0 AND "declared_departure_draft" > 0
    ),
    CONSTRAINT "port_call_state_known" CHECK ("state" IN (
        'ANNOUNCED', 'APPROVED', 'REJECTED', 'ARRIVED', 'ALONGSIDE', 'WORKING', 'COMPLETED',
        'DEPARTED', 'CLOSED', 'OMITTED', 'CANCELLED'
    )),
    CONSTRAINT "port_call_version_positive" CHECK ("version" > 0)
);

CREATE INDEX "port_call_eta_id_idx" ON "port_call"("eta", "id");
CREATE INDEX "port_call_announced_at_id_idx" ON "port_call"("announced_at", "id");
CREATE INDEX "port_call_vessel_id_un_location_code_idx" ON "port_call"("vessel_id", "un_location_code");
CREATE INDEX "port_call_un_location_code_eta_id_idx" ON "port_call"("un_location_code", "eta", "id");
CREATE INDEX "port_call_agent_organization_eta_id_idx" ON "port_call"("agent_organization", "eta", "id");
CREATE INDEX "port_call_state_eta_id_idx" ON "port_call"("state", "eta", "id");

-- Every decision about a call, the announcement included; rows are only ever added.
CREATE TABLE "port_call_decision" (
    "id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "from_state" TEXT,
    "to_state" TEXT NOT NULL,
    "reason" TEXT,
    "source" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "port_call_decision_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "port_call_decision_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "port_call_decision_source_known" CHECK ("source" IN ('PERSON', 'SYSTEM'))
);

CREATE INDEX "port_call_decision_port_call_id_decided_at_idx"
    ON "port_call_decision"("port_call_id", "decided_at");

-- What each source has reported, as it reported it; rows are only ever added.
CREATE TABLE "port_call_timestamp" (
    "id" UUID NOT NULL,
    "port_call_id" UUID,
    "service_type" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "phase" TEXT,
    "classifier" TEXT NOT NULL,
    "service_time" TIMESTAMPTZ(3) NOT NULL,
    "location_name" TEXT,
    "un_location_code" TEXT,
    "facility_code" TEXT,
    "latitude" DOUBLE PRECISION,
    "longitude" DOUBLE PRECISION,
    "source" TEXT NOT NULL,
    "source_event_id" UUID,
    "reported_mmsi_number" TEXT,
    "reported_imo_number" TEXT,
    "reported_name" TEXT,
    "remark" TEXT,
    "recorded_by" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "port_call_timestamp_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "port_call_timestamp_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "port_call_timestamp_event_type_known"
        CHECK ("event_type" IN ('ARRI', 'DEPA', 'STRT', 'CMPL')),
    CONSTRAINT "port_call_timestamp_phase_known" CHECK ("phase" IN ('INBD', 'ALGS', 'SHIF', 'OUTB')),
    CONSTRAINT "port_call_timestamp_classifier_known"
        CHECK ("classifier" IN ('EST', 'REQ', 'PLN', 'ACT')),
    CONSTRAINT "port_call_timestamp_source_known" CHECK ("source" IN ('AIS', 'SYSTEM', 'PERSON')),
    CONSTRAINT "port_call_timestamp_position_on_earth" CHECK (
        "latitude" BETWEEN -90 AND 90 AND "longitude" BETWEEN -180 AND 180
    )
);

-- An event that is met twice is recorded once.
CREATE UNIQUE INDEX "port_call_timestamp_source_event_id_key"
    ON "port_call_timestamp"("source_event_id");
CREATE INDEX "port_call_timestamp_port_call_id_recorded_at_id_idx"
    ON "port_call_timestamp"("port_call_id", "recorded_at", "id");
CREATE INDEX "port_call_timestamp_recorded_at_id_idx" ON "port_call_timestamp"("recorded_at", "id");
