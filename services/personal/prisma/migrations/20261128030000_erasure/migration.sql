-- Of someone whose data were erased, only what the law has kept remains: work, and nobody's name.
ALTER TABLE "employee" ADD COLUMN "erased_at" TIMESTAMPTZ(3);
ALTER TABLE "employee" ADD COLUMN "erased_by" TEXT;
ALTER TABLE "employee" ADD CONSTRAINT "employee_erasure" CHECK (
    num_nonnulls("erased_at", "erased_by") IN (0, 2)
    AND ("erased_at" IS NULL OR "state" = 'INACTIVE'));
