CREATE TABLE "gang_template" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL CHECK (char_length("name") BETWEEN 1 AND 100),
    "kind_of_work" TEXT NOT NULL CHECK ("kind_of_work" ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    "positions" JSONB NOT NULL CHECK (jsonb_typeof("positions") = 'array'),
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gang_template_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "gang_template_name_key" ON "gang_template" ("name");

CREATE TABLE "shift_rotation" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL CHECK (char_length("name") BETWEEN 1 AND 100),
    "gang_template_id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "place" TEXT CHECK (char_length("place") BETWEEN 1 AND 100),
    "time_zone" TEXT NOT NULL CHECK (char_length("time_zone") BETWEEN 1 AND 100),
    "first_day" DATE NOT NULL,
    "rule" TEXT NOT NULL CHECK (char_length("rule") BETWEEN 1 AND 500),
    "except_days" DATE[] NOT NULL,
    "start_time" TEXT NOT NULL CHECK ("start_time" ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    "end_time" TEXT NOT NULL CHECK ("end_time" ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shift_rotation_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "shift_rotation_gang_template_id_fkey" FOREIGN KEY ("gang_template_id")
        REFERENCES "gang_template" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "shift_rotation_name_key" ON "shift_rotation" ("name");
CREATE INDEX "shift_rotation_gang_template_id_idx" ON "shift_rotation" ("gang_template_id");

ALTER TABLE "shift" ADD COLUMN "rotation_id" UUID;
ALTER TABLE "shift" ADD COLUMN "rotation_day" DATE;
ALTER TABLE "shift" ADD CONSTRAINT "shift_rotation_id_fkey" FOREIGN KEY ("rotation_id")
    REFERENCES "shift_rotation" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
-- However often and by however many a rotation is planned, it has one shift a day.
CREATE UNIQUE INDEX "shift_rotation_id_rotation_day_key" ON "shift" ("rotation_id", "rotation_day");
