-- What a ship was called, under which flag, call sign and MMSI, and in which state, each from when to
-- when; the open ones are those of the present.
CREATE TABLE "vessel_record" (
    "id" UUID NOT NULL,
    "vessel_id" UUID NOT NULL,
    "property" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    -- What a value is searched by: of a name the name in capitals.
    "value_key" TEXT COLLATE "C" NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_to" TIMESTAMPTZ(3),
    "reason" TEXT,
    "source" TEXT NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "vessel_record_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "vessel_record_vessel_id_fkey" FOREIGN KEY ("vessel_id") REFERENCES "vessel"("id")
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "vessel_record_property_known"
        CHECK ("property" IN ('name', 'flag', 'callSign', 'MMSINumber', 'state')),
    CONSTRAINT "vessel_record_source_known" CHECK ("source" IN ('PERSON', 'SYSTEM')),
    CONSTRAINT "vessel_record_window" CHECK ("valid_from" <= "valid_to")
);

CREATE UNIQUE INDEX "vessel_record_present_key" ON "vessel_record"("vessel_id", "property")
    WHERE "valid_to" IS NULL;
CREATE INDEX "vessel_record_vessel_id_valid_from_id_idx"
    ON "vessel_record"("vessel_id", "valid_from", "id");
CREATE INDEX "vessel_record_property_value_key_vessel_id_idx"
    ON "vessel_record"("property", "value_key", "vessel_id");

INSERT INTO "vessel_record"
    ("id", "vessel_id", "property", "value", "value_key", "valid_from", "source", "recorded_by")
SELECT gen_random_uuid(), vessel."id", known."property", known."value", known."key",
       vessel."registered_at", 'SYSTEM', 'migration'
FROM "vessel" AS vessel, LATERAL (VALUES
    ('name', vessel."name", vessel."name_key"),
    ('flag', vessel."flag", vessel."flag"),
    ('callSign', vessel."call_sign", vessel."call_sign"),
    ('MMSINumber', vessel."mmsi_number", vessel."mmsi_number"),
    ('state', vessel."state", vessel."state")
) AS known("property", "value", "key")
WHERE known."value" IS NOT NULL;

CREATE INDEX "vessel_flag_name_key_id_idx" ON "vessel"("flag", "name_key", "id");
CREATE INDEX "vessel_type_name_key_id_idx" ON "vessel"("type", "name_key", "id");
CREATE INDEX "vessel_state_name_key_id_idx" ON "vessel"("state", "name_key", "id");

-- The papers of a ship that a port asks for.
CREATE TABLE "vessel_certificate" (
    "id" UUID NOT NULL,
    "vessel_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "issued_by" TEXT NOT NULL,
    "issued_on" DATE NOT NULL,
    "expires_on" DATE,
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawal_reason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "recorded_by" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vessel_certificate_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "vessel_certificate_vessel_id_fkey" FOREIGN KEY ("vessel_id")
        REFERENCES "vessel"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "vessel_certificate_days" CHECK ("issued_on" <= "expires_on"),
    CONSTRAINT "vessel_certificate_withdrawal"
        CHECK (("withdrawn_at" IS NULL) = ("withdrawal_reason" IS NULL)),
    CONSTRAINT "vessel_certificate_version_positive" CHECK ("version" > 0)
);

CREATE UNIQUE INDEX "vessel_certificate_vessel_id_type_number_key"
    ON "vessel_certificate"("vessel_id", "type", "number");
CREATE INDEX "vessel_certificate_vessel_id_expires_on_id_idx"
    ON "vessel_certificate"("vessel_id", "expires_on", "id");
CREATE INDEX "vessel_certificate_expires_on_id_idx" ON "vessel_certificate"("expires_on", "id");
CREATE INDEX "vessel_certificate_type_expires_on_id_idx"
    ON "vessel_certificate"("type", "expires_on", "id");
