-- Certificates of everyone by their last day.
CREATE INDEX "certificate_expires_id_idx" ON "certificate" ("expires", "id");

CREATE TABLE "certificate_alert" (
    "certificate_id" UUID NOT NULL,
    "threshold_days" INTEGER NOT NULL CHECK ("threshold_days" >= 0),
    "alerted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "certificate_alert_pkey" PRIMARY KEY ("certificate_id", "threshold_days"),
    CONSTRAINT "certificate_alert_certificate_id_fkey" FOREIGN KEY ("certificate_id")
        REFERENCES "certificate" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
