-- Which organisations may know of a call: its agent's, and those that have an order on it. In the call
-- itself, so that a list of what one may know of walks one table.
ALTER TABLE "port_call" ADD COLUMN "known_to" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

CREATE FUNCTION "port_call_parties"(port_call_id UUID, agent_organization TEXT) RETURNS TEXT[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(organization ORDER BY organization) FROM (
        SELECT $2 AS organization
        UNION SELECT o."provider_organization" FROM "service_order" o WHERE o."port_call_id" = $1
    ) AS party
$$;

CREATE FUNCTION "port_call_know_agent"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW."known_to" := port_call_parties(NEW."id", NEW."agent_organization");
    RETURN NEW;
END
$$;

CREATE TRIGGER "port_call_know_agent" BEFORE INSERT OR UPDATE OF "agent_organization", "known_to"
    ON "port_call" FOR EACH ROW EXECUTE FUNCTION "port_call_know_agent"();

CREATE FUNCTION "port_call_know_provider"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    -- What it becomes, the call's own trigger says.
    UPDATE "port_call" SET "known_to" = "known_to" WHERE "id" = coalesce(NEW."port_call_id", OLD."port_call_id");
    RETURN NULL;
END
$$;

CREATE TRIGGER "port_call_know_provider" AFTER INSERT OR DELETE OR UPDATE OF "provider_organization"
    ON "service_order" FOR EACH ROW EXECUTE FUNCTION "port_call_know_provider"();

UPDATE "port_call" SET "known_to" = "known_to";

CREATE INDEX "port_call_known_to_idx" ON "port_call" USING gin ("known_to");
