CREATE TABLE "employee" (
    "id" UUID NOT NULL,
    "personnel_number" TEXT COLLATE "C" NOT NULL
        CHECK (char_length("personnel_number") BETWEEN 1 AND 20),
    "given_name" TEXT NOT NULL CHECK (char_length("given_name") BETWEEN 1 AND 100),
    "family_name" TEXT NOT NULL CHECK (char_length("family_name") BETWEEN 1 AND 100),
    -- By code point: the beginning of a name is then a range of the index.
    "given_name_key" TEXT COLLATE "C" NOT NULL,
    "family_name_key" TEXT COLLATE "C" NOT NULL,
    "email" TEXT CHECK (char_length("email") <= 254),
    "phone" TEXT CHECK ("phone" ~ '^\+[1-9][0-9]{6,14}$'),
    "organization" TEXT CHECK ("organization" ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    "roles" TEXT[],
    "skills" TEXT[],
    "rest_profile" TEXT NOT NULL CHECK ("rest_profile" IN ('STCW_MLC', 'EU_WTD')),
    "state" TEXT NOT NULL CHECK ("state" IN ('ACTIVE', 'INACTIVE')),
    "deactivation_reason" TEXT CHECK (char_length("deactivation_reason") BETWEEN 1 AND 500),
    "deactivated_at" TIMESTAMPTZ(3),
    "deactivated_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "employee_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "employee_deactivation" CHECK (
        num_nonnulls("deactivation_reason", "deactivated_at", "deactivated_by")
        = CASE "state" WHEN 'INACTIVE' THEN 3 ELSE 0 END)
);
CREATE UNIQUE INDEX "employee_personnel_number_key" ON "employee" ("personnel_number");
CREATE INDEX "employee_family_name_key_id_idx" ON "employee" ("family_name_key", "id");
CREATE INDEX "employee_given_name_key_idx" ON "employee" ("given_name_key");
CREATE INDEX "employee_registered_at_id_idx" ON "employee" ("registered_at", "id");
CREATE INDEX "employee_organization_personnel_number_idx"
    ON "employee" ("organization", "personnel_number");
CREATE INDEX "employee_skills_idx" ON "employee" USING GIN ("skills");
CREATE INDEX "employee_roles_idx" ON "employee" USING GIN ("roles");

CREATE TABLE "certificate" (
    "id" UUID NOT NULL,
    "employee_id" UUID NOT NULL,
    "type" TEXT NOT NULL CHECK ("type" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "number" TEXT NOT NULL CHECK (char_length("number") BETWEEN 1 AND 50),
    "issued" DATE NOT NULL,
    "expires" DATE CHECK ("expires" >= "issued"),
    "revocation_reason" TEXT CHECK (char_length("revocation_reason") BETWEEN 1 AND 500),
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "certificate_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "certificate_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "certificate_revocation" CHECK (
        num_nonnulls("revocation_reason", "revoked_at", "revoked_by") IN (0, 3))
);
CREATE UNIQUE INDEX "certificate_employee_id_type_number_key"
    ON "certificate" ("employee_id", "type", "number");
CREATE INDEX "certificate_employee_id_id_idx" ON "certificate" ("employee_id", "id");
