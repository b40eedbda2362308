-- Deliveries of one statement share their instant: within it, they are listed as their events happened.
ALTER TABLE webhook_delivery ADD COLUMN ordinal bigint GENERATED ALWAYS AS IDENTITY;

DROP INDEX webhook_delivery_newest, webhook_delivery_of_status, webhook_delivery_of_type;
CREATE INDEX webhook_delivery_newest ON webhook_delivery (webhook_id, created_at, ordinal);
CREATE INDEX webhook_delivery_of_status ON webhook_delivery (webhook_id, status, created_at, ordinal);
CREATE INDEX webhook_delivery_of_type ON webhook_delivery (webhook_id, type, created_at, ordinal);
