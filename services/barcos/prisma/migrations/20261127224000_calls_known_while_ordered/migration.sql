-- Who has refused an order, or whose order was called off, has no more to do with the call.
CREATE OR REPLACE FUNCTION "port_call_parties"(port_call_id UUID, agent_organization TEXT) RETURNS TEXT[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(organization ORDER BY organization) FROM (
        SELECT $2 AS organization
        UNION SELECT o."provider_organization" FROM "service_order" o
        WHERE o."port_call_id" = $1 AND o."state" NOT IN ('DENIED', 'CANCELLED')
    ) AS party
$$;

DROP TRIGGER "port_call_know_provider" ON "service_order";
CREATE TRIGGER "port_call_know_provider"
    AFTER INSERT OR DELETE OR UPDATE OF "provider_organization", "state"
    ON "service_order" FOR EACH ROW EXECUTE FUNCTION "port_call_know_provider"();

UPDATE "port_call" SET "known_to" = "known_to" WHERE cardinality("known_to") > 1;
