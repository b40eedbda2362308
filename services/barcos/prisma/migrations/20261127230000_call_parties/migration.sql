-- Organisations that take part in a call besides its agent, and whose systems speak in it.
ALTER TABLE "port_call"
    ADD COLUMN "carrier_organization" TEXT,
    ADD COLUMN "terminal_organization" TEXT;

-- Who may know of a call: its parties, and the providers of the orders on it that were neither denied
-- nor cancelled.
CREATE OR REPLACE FUNCTION "port_call_know_agent"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW."known_to" := ARRAY(
        SELECT organization FROM (
            SELECT unnest(ARRAY[
                NEW."agent_organization", NEW."carrier_organization", NEW."terminal_organization"
            ]) AS organization
            UNION SELECT o."provider_organization" FROM "service_order" o
            WHERE o."port_call_id" = NEW."id" AND o."state" NOT IN ('DENIED', 'CANCELLED')
        ) AS party
        WHERE organization IS NOT NULL
        ORDER BY organization
    );
    RETURN NEW;
END
$$;

DROP TRIGGER "port_call_know_agent" ON "port_call";
CREATE TRIGGER "port_call_know_agent"
    BEFORE INSERT OR UPDATE OF "agent_organization", "carrier_organization", "terminal_organization",
        "known_to"
    ON "port_call" FOR EACH ROW EXECUTE FUNCTION "port_call_know_agent"();

DROP FUNCTION "port_call_parties"(UUID, TEXT);
