-- An agent, a carrier or a terminal sees its own calls, of which there may be few among many.
CREATE INDEX "port_call_agent_organization_told_at_id_idx"
    ON "port_call" ("agent_organization", "told_at", "id");
CREATE INDEX "port_call_carrier_organization_told_at_id_idx"
    ON "port_call" ("carrier_organization", "told_at", "id");
CREATE INDEX "port_call_terminal_organization_told_at_id_idx"
    ON "port_call" ("terminal_organization", "told_at", "id");

-- A list of a call looks up the visit of each of its containers.
CREATE INDEX "container_visit_load_port_call_id_equipment_reference_id_idx"
    ON "container_visit" ("load_port_call_id", "equipment_reference", "id");
CREATE INDEX "container_visit_discharge_port_call_id_equipment_reference__idx"
    ON "container_visit" ("discharge_port_call_id", "equipment_reference", "id");
