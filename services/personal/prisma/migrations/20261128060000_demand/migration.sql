-- What a gang template is manned for without being asked: orders of a service, at one port or at any.
ALTER TABLE "gang_template" ADD COLUMN "serves_service" TEXT
    CHECK ("serves_service" ~ '^[A-Z][A-Z0-9_]{1,39}$');
ALTER TABLE "gang_template" ADD COLUMN "serves_location" TEXT
    CHECK ("serves_location" ~ '^[A-Z]{2}[A-Z2-9]{3}$');
ALTER TABLE "gang_template" ADD COLUMN "serves_lead_minutes" INTEGER
    CHECK ("serves_lead_minutes" BETWEEN 0 AND 720);
ALTER TABLE "gang_template" ADD COLUMN "serves_duration_minutes" INTEGER
    CHECK ("serves_duration_minutes" BETWEEN 1 AND 720);
ALTER TABLE "gang_template" ADD CONSTRAINT "gang_template_serves" CHECK (
    num_nonnulls("serves_service", "serves_lead_minutes", "serves_duration_minutes") IN (0, 3)
    AND ("serves_location" IS NULL OR "serves_service" IS NOT NULL));
-- One template answers for an order, or two would be manned.
CREATE UNIQUE INDEX "gang_template_serves_key"
    ON "gang_template" ("serves_service", "serves_location") NULLS NOT DISTINCT
    WHERE "serves_service" IS NOT NULL;

CREATE TABLE "demand" (
    "id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "service" TEXT NOT NULL CHECK ("service" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "phase" TEXT,
    "un_location_code" TEXT CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "provider_organization" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL CHECK ("quantity" BETWEEN 1 AND 20),
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL CHECK (
        "state" IN ('REQUESTED', 'CONFIRMED', 'DENIED', 'STARTED', 'COMPLETED', 'CANCELLED')),
    "moved" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "demand_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "demand_starts_at_id_idx" ON "demand" ("starts_at", "id");
CREATE INDEX "demand_port_call_id_starts_at_id_idx" ON "demand" ("port_call_id", "starts_at", "id");

ALTER TABLE "shift" ADD COLUMN "service_order_id" UUID;
-- However an order is told of, and whoever plans for it at once, one shift serves it.
CREATE UNIQUE INDEX "shift_service_order_id_key" ON "shift" ("service_order_id")
    WHERE "state" <> 'CANCELLED';
