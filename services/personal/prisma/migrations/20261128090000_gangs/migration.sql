CREATE TABLE "gang" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL CHECK (char_length("name") BETWEEN 1 AND 100),
    "kind_of_work" TEXT NOT NULL CHECK ("kind_of_work" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gang_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "gang_name_key" ON "gang" ("name");
CREATE INDEX "gang_kind_of_work_name_idx" ON "gang" ("kind_of_work", "name");

CREATE TABLE "gang_member" (
    "gang_id" UUID NOT NULL,
    "employee_id" UUID NOT NULL,
    "number" INTEGER NOT NULL CHECK ("number" > 0),

    CONSTRAINT "gang_member_pkey" PRIMARY KEY ("gang_id", "employee_id"),
    CONSTRAINT "gang_member_gang_id_fkey" FOREIGN KEY ("gang_id")
        REFERENCES "gang" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "gang_member_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "gang_member_gang_id_number_key" ON "gang_member" ("gang_id", "number");
CREATE INDEX "gang_member_employee_id_idx" ON "gang_member" ("employee_id");
