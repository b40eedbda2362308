-- Who gave what came after a value; what was unknown from then on has no row of its own to say it.
ALTER TABLE "vessel_record" ADD COLUMN "ended_by" TEXT;

ALTER TABLE "vessel_certificate" ADD COLUMN "withdrawn_by" TEXT;

-- A certificate that was withdrawn may be issued again under its number.
CREATE UNIQUE INDEX "vessel_certificate_in_force_key"
    ON "vessel_certificate"("vessel_id", "type", "number") WHERE "withdrawn_at" IS NULL;
DROP INDEX "vessel_certificate_vessel_id_type_number_key";
CREATE INDEX "vessel_certificate_vessel_id_type_number_idx"
    ON "vessel_certificate"("vessel_id", "type", "number");

-- For the search by call sign, in the order of the list.
CREATE INDEX "vessel_call_sign_name_key_id_idx" ON "vessel"("call_sign", "name_key", "id");
