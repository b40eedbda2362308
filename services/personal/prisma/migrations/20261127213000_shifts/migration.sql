-- Equality beside ranges in one exclusion constraint.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE "absence" (
    "id" UUID NOT NULL,
    "employee_id" UUID NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('LEAVE', 'SICKNESS', 'TRAINING', 'OTHER')),
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "registered_by" TEXT NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawn_by" TEXT,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "absence_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "absence_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "absence_window" CHECK ("starts_at" < "ends_at"),
    CONSTRAINT "absence_withdrawal" CHECK (num_nonnulls("withdrawn_by", "withdrawn_at") IN (0, 2))
);
CREATE INDEX "absence_employee_id_starts_at_id_idx" ON "absence" ("employee_id", "starts_at", "id");

CREATE TABLE "shift" (
    "id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "place" TEXT CHECK (char_length("place") BETWEEN 1 AND 100),
    "kind_of_work" TEXT NOT NULL CHECK ("kind_of_work" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "port_call_id" UUID,
    "emergency" BOOLEAN NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL
        CHECK ("state" IN ('DRAFT', 'PUBLISHED', 'RUNNING', 'CLOSED', 'CANCELLED')),
    "cancellation_reason" TEXT CHECK (char_length("cancellation_reason") BETWEEN 1 AND 500),
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shift_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "shift_window" CHECK ("starts_at" < "ends_at"),
    CONSTRAINT "shift_cancellation" CHECK (("state" = 'CANCELLED') = ("cancellation_reason" IS NOT NULL))
);
CREATE INDEX "shift_starts_at_id_idx" ON "shift" ("starts_at", "id");
CREATE INDEX "shift_port_call_id_idx" ON "shift" ("port_call_id");

CREATE TABLE "shift_position" (
    "id" UUID NOT NULL,
    "shift_id" UUID NOT NULL,
    "number" INTEGER NOT NULL CHECK ("number" > 0),
    "role" TEXT NOT NULL CHECK ("role" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "skills" TEXT[] NOT NULL,
    "certificates" TEXT[] NOT NULL,

    CONSTRAINT "shift_position_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "shift_position_shift_id_fkey" FOREIGN KEY ("shift_id")
        REFERENCES "shift" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "shift_position_shift_id_number_key" ON "shift_position" ("shift_id", "number");

CREATE TABLE "assignment" (
    "id" UUID NOT NULL,
    "shift_id" UUID NOT NULL,
    "position_id" UUID,
    "employee_id" UUID NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "overridden" TEXT[] NOT NULL,
    "override_reason" TEXT CHECK (char_length("override_reason") BETWEEN 1 AND 500),
    "assigned_by" TEXT NOT NULL,
    "assigned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawal_reason" TEXT CHECK (char_length("withdrawal_reason") BETWEEN 1 AND 500),
    "withdrawn_by" TEXT,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "assignment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "assignment_shift_id_fkey" FOREIGN KEY ("shift_id")
        REFERENCES "shift" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "assignment_position_id_fkey" FOREIGN KEY ("position_id")
        REFERENCES "shift_position" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "assignment_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "assignment_window" CHECK ("starts_at" < "ends_at"),
    CONSTRAINT "assignment_override" CHECK (
        (cardinality("overridden") > 0) = ("override_reason" IS NOT NULL)),
    CONSTRAINT "assignment_withdrawal" CHECK (
        num_nonnulls("withdrawal_reason", "withdrawn_by", "withdrawn_at") IN (0, 3)),
    CONSTRAINT "assignment_to_position" CHECK (
        "position_id" IS NOT NULL OR "withdrawn_at" IS NOT NULL),
    -- Whoever races, nobody is in two places at once, and no position is filled twice.
    CONSTRAINT "assignment_one_place_at_a_time" EXCLUDE USING gist (
        "employee_id" WITH =,
        tstzrange("starts_at", "ends_at") WITH &&
    ) WHERE ("withdrawn_at" IS NULL)
);
CREATE UNIQUE INDEX "assignment_position_id_key" ON "assignment" ("position_id")
    WHERE "withdrawn_at" IS NULL;
CREATE INDEX "assignment_shift_id_id_idx" ON "assignment" ("shift_id", "id");
