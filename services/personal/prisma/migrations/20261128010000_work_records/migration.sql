CREATE TABLE "work_record" (
    "id" UUID NOT NULL,
    "employee_id" UUID NOT NULL,
    "shift_id" UUID,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "emergency" BOOLEAN NOT NULL,
    "corrects_id" UUID,
    "correction_reason" TEXT CHECK (char_length("correction_reason") BETWEEN 1 AND 500),
    "annuls" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),
    "recorded_by" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "signed_by" TEXT,
    "signed_at" TIMESTAMPTZ(3),

    CONSTRAINT "work_record_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "work_record_employee_id_fkey" FOREIGN KEY ("employee_id")
        REFERENCES "employee" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "work_record_shift_id_fkey" FOREIGN KEY ("shift_id")
        REFERENCES "shift" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "work_record_corrects_id_fkey" FOREIGN KEY ("corrects_id")
        REFERENCES "work_record" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "work_record_window" CHECK ("started_at" < "ended_at"),
    CONSTRAINT "work_record_correction" CHECK (
        ("corrects_id" IS NULL) = ("correction_reason" IS NULL)
        AND ("corrects_id" IS NOT NULL OR NOT "annuls")),
    CONSTRAINT "work_record_signature" CHECK (
        num_nonnulls("signed_by", "signed_at") IN (0, 2)
        AND ("signed_at" IS NULL OR "ended_at" IS NOT NULL OR "annuls"))
);
-- A record is corrected once; what was wrong with the correction is corrected by another.
CREATE UNIQUE INDEX "work_record_corrects_id_key" ON "work_record" ("corrects_id");
CREATE INDEX "work_record_employee_id_started_at_id_idx"
    ON "work_record" ("employee_id", "started_at", "id");
CREATE INDEX "work_record_started_at_id_idx" ON "work_record" ("started_at", "id");
CREATE INDEX "work_record_shift_id_started_at_id_idx"
    ON "work_record" ("shift_id", "started_at", "id");

-- What is signed stays as it is, whoever writes. A reason may be blotted out where a person's data
-- are erased: the hours are what the law keeps.
CREATE FUNCTION "keep_signed_work_record"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR to_jsonb(NEW) - 'correction_reason' IS DISTINCT FROM to_jsonb(OLD) - 'correction_reason'
    THEN
        RAISE EXCEPTION 'work record % is signed', OLD."id"
            USING ERRCODE = 'check_violation', CONSTRAINT = 'work_record_signed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER "work_record_signed" BEFORE UPDATE OR DELETE ON "work_record"
    FOR EACH ROW WHEN (OLD."signed_at" IS NOT NULL) EXECUTE FUNCTION "keep_signed_work_record"();
