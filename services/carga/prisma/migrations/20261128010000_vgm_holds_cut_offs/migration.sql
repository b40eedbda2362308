-- A newer declaration replaces those before it; one that is retracted is void (SOLAS VI/2).
CREATE TABLE "vgm_declaration" (
    "id" UUID NOT NULL,
    "sender" TEXT NOT NULL,
    "declaration_reference" TEXT NOT NULL
        CHECK (char_length("declaration_reference") BETWEEN 1 AND 500),
    "container_visit_id" UUID,
    "organization" TEXT,
    "equipment_reference" TEXT,
    "carrier_booking_reference" TEXT,
    "transport_document_reference" TEXT,
    "weight" DOUBLE PRECISION,
    "weight_unit" TEXT CHECK ("weight_unit" IN ('KGM', 'LBR')),
    "method" TEXT CHECK ("method" IN ('SM1', 'SM2')),
    "determined_at" TIMESTAMPTZ(3),
    "declared_at" TIMESTAMPTZ(3) NOT NULL,
    "responsible_party" TEXT,
    "signatory" TEXT,
    "is_retracted" BOOLEAN NOT NULL DEFAULT false,
    "payload" JSONB NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "vgm_declaration_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "vgm_declaration_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "vgm_declaration_sender_declaration_reference_key"
    ON "vgm_declaration" ("sender", "declaration_reference");
CREATE INDEX "vgm_declaration_container_visit_id_declared_at_id_idx"
    ON "vgm_declaration" ("container_visit_id", "declared_at", "id");
CREATE INDEX "vgm_declaration_declared_at_id_idx" ON "vgm_declaration" ("declared_at", "id");
CREATE INDEX "vgm_declaration_organization_declared_at_id_idx"
    ON "vgm_declaration" ("organization", "declared_at", "id");
CREATE INDEX "vgm_declaration_sender_declared_at_id_idx"
    ON "vgm_declaration" ("sender", "declared_at", "id");
CREATE INDEX "vgm_declaration_equipment_reference_declared_at_id_idx"
    ON "vgm_declaration" ("equipment_reference", "declared_at", "id");
CREATE INDEX "vgm_declaration_carrier_booking_reference_idx"
    ON "vgm_declaration" ("carrier_booking_reference");
CREATE INDEX "vgm_declaration_transport_document_reference_idx"
    ON "vgm_declaration" ("transport_document_reference");

CREATE TABLE "hold" (
    "id" UUID NOT NULL,
    "container_visit_id" UUID NOT NULL,
    "authority" TEXT NOT NULL CHECK ("authority" IN ('CUSTOMS', 'HEALTH', 'LINE', 'TERMINAL')),
    "state" TEXT NOT NULL CHECK ("state" IN ('PLACED', 'RELEASED')),
    "reason" TEXT NOT NULL CHECK (char_length("reason") BETWEEN 1 AND 500),
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "placed_by" TEXT NOT NULL,
    "release_reason" TEXT CHECK (char_length("release_reason") BETWEEN 1 AND 500),
    "released_at" TIMESTAMPTZ(3),
    "released_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "hold_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "hold_released" CHECK (("state" = 'RELEASED') = ("released_at" IS NOT NULL)
        AND ("released_at" IS NULL) = ("released_by" IS NULL))
);
CREATE INDEX "hold_container_visit_id_id_idx" ON "hold" ("container_visit_id", "id");

CREATE TABLE "cut_off" (
    "port_call_id" UUID NOT NULL,
    "code" TEXT NOT NULL CHECK ("code" IN ('FCO', 'VCO', 'DGC')),
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cut_off_pkey" PRIMARY KEY ("port_call_id", "code"),
    CONSTRAINT "cut_off_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "cut_off_override" (
    "container_visit_id" UUID NOT NULL,
    "code" TEXT NOT NULL CHECK ("code" IN ('FCO', 'VCO', 'DGC')),
    "reason" TEXT NOT NULL CHECK (char_length("reason") BETWEEN 1 AND 500),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "cut_off_override_pkey" PRIMARY KEY ("container_visit_id", "code"),
    CONSTRAINT "cut_off_override_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
