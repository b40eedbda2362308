-- What is agreed between a call and one provider of a service is not for its other providers. Set by
-- triggers, so that every version of the service that writes has it set.
ALTER TABLE "port_call_service" ADD COLUMN "provider_organization" TEXT;
ALTER TABLE "port_call_timestamp" ADD COLUMN "provider_organization" TEXT;

UPDATE "port_call_service" s SET "provider_organization" = o."provider_organization"
FROM "service_order" o WHERE s."id" IN (o."start_service_id", o."complete_service_id");
UPDATE "port_call_timestamp" t SET "provider_organization" = s."provider_organization"
FROM "port_call_service" s
WHERE s."id" = t."service_id" AND s."provider_organization" IS NOT NULL;

CREATE FUNCTION "port_call_service_ordered"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "port_call_service" SET "provider_organization" = NEW."provider_organization"
    WHERE "id" IN (NEW."start_service_id", NEW."complete_service_id");
    RETURN NEW;
END
$$;

CREATE TRIGGER "port_call_service_ordered"
    AFTER INSERT ON "service_order" FOR EACH ROW EXECUTE FUNCTION "port_call_service_ordered"();

CREATE FUNCTION "port_call_timestamp_ordered"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW."provider_organization" := (
        SELECT s."provider_organization" FROM "port_call_service" s WHERE s."id" = NEW."service_id"
    );
    RETURN NEW;
END
$$;

CREATE TRIGGER "port_call_timestamp_ordered"
    BEFORE INSERT OR UPDATE OF "service_id" ON "port_call_timestamp"
    FOR EACH ROW EXECUTE FUNCTION "port_call_timestamp_ordered"();
