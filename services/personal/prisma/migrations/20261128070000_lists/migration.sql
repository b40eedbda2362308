-- A page of what is in one state, or of one service, is a range of an index.
CREATE INDEX "employee_state_personnel_number_idx" ON "employee" ("state", "personnel_number");
CREATE INDEX "shift_state_starts_at_id_idx" ON "shift" ("state", "starts_at", "id");
CREATE INDEX "demand_state_starts_at_id_idx" ON "demand" ("state", "starts_at", "id");
CREATE INDEX "demand_service_starts_at_id_idx" ON "demand" ("service", "starts_at", "id");
CREATE INDEX "certificate_type_expires_id_idx" ON "certificate" ("type", "expires", "id");
