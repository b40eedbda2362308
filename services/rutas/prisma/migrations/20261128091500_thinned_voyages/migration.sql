-- When the estimates of a voyage that has ended were thinned; null while it has all of them.
ALTER TABLE "voyage" ADD COLUMN "thinned_at" TIMESTAMPTZ(3);
-- Those to thin, the oldest first: none but what has ended and has not had its turn.
CREATE INDEX "voyage_to_thin_idx" ON "voyage" ("ended_at")
    WHERE "ended_at" IS NOT NULL AND "thinned_at" IS NULL;
