-- Kept for minutes and written with every batch of AIS: to compress it costs more than to write the
-- position itself.
ALTER TABLE "live_change" ALTER COLUMN "positions" SET STORAGE EXTERNAL;
