-- Times in which no ship is sent to an anchorage or pilot boarding place.
CREATE TABLE "approach_place_block" (
    "id" UUID NOT NULL,
    "approach_place_id" UUID NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "lifted_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approach_place_block_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "approach_place_block_approach_place_id_fkey" FOREIGN KEY ("approach_place_id")
        REFERENCES "approach_place"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "approach_place_block_window" CHECK ("starts_at" < "ends_at")
);

CREATE INDEX "approach_place_block_approach_place_id_starts_at_id_idx"
    ON "approach_place_block"("approach_place_id", "starts_at", "id");
