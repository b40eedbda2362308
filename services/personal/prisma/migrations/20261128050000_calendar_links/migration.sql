CREATE TABLE "calendar_link" (
    "id" UUID NOT NULL,
    "employee_id" UUID NOT NULL,
    -- Of the key no more is kept than tells it apart.
    "key_hash" TEXT NOT NULL CHECK ("key_hash" ~ '^[0-9a-f]{64}$'),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "calendar_link_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "calendar_link_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "calendar_link_employee_id_key" ON "calendar_link" ("employee_id");

-- What one person has to do, by when.
CREATE INDEX "assignment_employee_id_starts_at_idx" ON "assignment" ("employee_id", "starts_at");
