-- When a voyage's trace is brought up to it, so that attempts can be spread in time.
ALTER TABLE "voyage" ADD COLUMN "trace_at" TIMESTAMPTZ(3);
UPDATE "voyage" SET "trace_at" = CURRENT_TIMESTAMP WHERE "trace_due";
ALTER TABLE "voyage" DROP COLUMN "trace_due";
CREATE INDEX "voyage_trace_at_idx" ON "voyage" ("trace_at") WHERE "trace_at" IS NOT NULL;
