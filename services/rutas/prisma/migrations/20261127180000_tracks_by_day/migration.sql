-- Positions and messages by UTC day: a day that is kept no longer goes as a whole, and what is asked
-- about one day touches no other. There is no default partition, which would fill unseen.
ALTER TABLE "position" RENAME TO "position_whole";
ALTER INDEX "position_pkey" RENAME TO "position_whole_pkey";
CREATE TABLE "position" (LIKE "position_whole" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE ("time");
ALTER TABLE "position"
    ADD CONSTRAINT "position_pkey" PRIMARY KEY ("mmsi", "time", "message_id");

ALTER TABLE "ais_message" RENAME TO "ais_message_whole";
ALTER INDEX "ais_message_pkey" RENAME TO "ais_message_whole_pkey";
CREATE TABLE "ais_message" (LIKE "ais_message_whole" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE ("time_bucket");
ALTER TABLE "ais_message"
    ADD CONSTRAINT "ais_message_pkey" PRIMARY KEY ("time_bucket", "payload");

-- Makes the partitions of a UTC day where they are missing. They are attached, since CREATE TABLE …
-- PARTITION OF would keep readers and writers of all other days waiting.
CREATE FUNCTION "open_track_day"("day" DATE) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    "since" TIMESTAMPTZ := "day"::timestamp AT TIME ZONE 'UTC';
    -- A bucket is 30 s, a day 2,880 of them.
    "bucket" INTEGER := extract(epoch FROM "since")::bigint / 30;
    "name" TEXT := to_char("day", 'YYYYMMDD');
BEGIN
    IF to_regclass('position_' || "name") IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE "position" INCLUDING ALL)', 'position_' || "name");
        EXECUTE format('ALTER TABLE "position" ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       'position_' || "name", "since", "since" + interval '24 hours');
    END IF;
    IF to_regclass('ais_message_' || "name") IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE "ais_message" INCLUDING ALL)',
                       'ais_message_' || "name");
        EXECUTE format('ALTER TABLE "ais_message" ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                       'ais_message_' || "name", "bucket", "bucket" + 2880);
    END IF;
END $$;

-- Days that have data, and those around today that a replica of the former version may write to.
SELECT "open_track_day"("day")
FROM (
    SELECT ("time" AT TIME ZONE 'UTC')::date AS "day" FROM "position_whole"
    UNION
    SELECT (to_timestamp("time_bucket"::bigint * 30) AT TIME ZONE 'UTC')::date
    FROM "ais_message_whole"
    UNION
    SELECT (now() AT TIME ZONE 'UTC')::date + "n" FROM generate_series(-7, 2) AS "n"
) AS "days";

INSERT INTO "position" SELECT * FROM "position_whole";
INSERT INTO "ais_message" SELECT * FROM "ais_message_whole";
DROP TABLE "position_whole";
DROP TABLE "ais_message_whole";

-- UTC days whose positions have been thinned and have had none since.
CREATE TABLE "thinned_day" (
    "day" DATE NOT NULL,
    "thinned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "thinned_day_pkey" PRIMARY KEY ("day")
);
