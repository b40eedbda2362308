CREATE TABLE "dangerous_goods" (
    "id" UUID NOT NULL,
    "container_visit_id" UUID NOT NULL,
    "un_number" TEXT NOT NULL CHECK ("un_number" ~ '^\d{4}$'),
    "hazard_class" TEXT NOT NULL,
    "subsidiary_risks" TEXT[] NOT NULL,
    "packing_group" INTEGER CHECK ("packing_group" BETWEEN 1 AND 3),
    "flash_point" DOUBLE PRECISION,
    "ems_number" TEXT,
    "proper_shipping_name" TEXT NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('DECLARED', 'ACCEPTED', 'REJECTED')),
    "reason" TEXT,
    "declared_at" TIMESTAMPTZ(3) NOT NULL,
    "declared_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "dangerous_goods_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dangerous_goods_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "dangerous_goods_reason" CHECK ("state" <> 'REJECTED' OR "reason" IS NOT NULL)
);
CREATE INDEX "dangerous_goods_container_visit_id_id_idx"
    ON "dangerous_goods" ("container_visit_id", "id");

-- Two containers that stand near each other although the goods lists had to be consulted.
CREATE TABLE "segregation_confirmation" (
    "first_visit_id" UUID NOT NULL,
    "second_visit_id" UUID NOT NULL,
    "reason" TEXT NOT NULL CHECK (char_length("reason") BETWEEN 1 AND 500),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "segregation_confirmation_pkey" PRIMARY KEY ("first_visit_id", "second_visit_id"),
    CONSTRAINT "segregation_confirmation_order" CHECK ("first_visit_id" < "second_visit_id"),
    CONSTRAINT "segregation_confirmation_first_visit_id_fkey" FOREIGN KEY ("first_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "segregation_confirmation_second_visit_id_fkey" FOREIGN KEY ("second_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "segregation_confirmation_second_visit_id_idx"
    ON "segregation_confirmation" ("second_visit_id");

CREATE TABLE "yard_block" (
    "un_location_code" TEXT NOT NULL,
    "code" TEXT NOT NULL CHECK ("code" ~ '^[A-Z0-9]{1,4}$'),
    "bays" INTEGER NOT NULL CHECK ("bays" BETWEEN 1 AND 200),
    "rows" INTEGER NOT NULL CHECK ("rows" BETWEEN 1 AND 30),
    "tiers" INTEGER NOT NULL CHECK ("tiers" BETWEEN 1 AND 9),
    "plug_bays" INTEGER[] NOT NULL,

    CONSTRAINT "yard_block_pkey" PRIMARY KEY ("un_location_code", "code")
);

-- Each place on the ground of a block, with what stands above it.
CREATE TABLE "yard_stack" (
    "un_location_code" TEXT NOT NULL,
    "block" TEXT NOT NULL,
    "bay" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "tiers" INTEGER NOT NULL,
    "has_plug" BOOLEAN NOT NULL,

    CONSTRAINT "yard_stack_pkey" PRIMARY KEY ("un_location_code", "block", "bay", "row"),
    CONSTRAINT "yard_stack_plug" UNIQUE ("un_location_code", "block", "bay", "row", "has_plug"),
    CONSTRAINT "yard_stack_height" UNIQUE ("un_location_code", "block", "bay", "row", "tiers"),
    CONSTRAINT "yard_stack_block" FOREIGN KEY ("un_location_code", "block")
        REFERENCES "yard_block" ("un_location_code", "code") ON DELETE CASCADE
);

-- Where containers stand: one in each slot, in a slot that there is, not above its stack, on the ground
-- or on another container, and with a plug where it needs one.
CREATE TABLE "yard_place" (
    "un_location_code" TEXT NOT NULL,
    "block" TEXT NOT NULL,
    "bay" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "tier" INTEGER NOT NULL CHECK ("tier" > 0),
    "container_visit_id" UUID NOT NULL,
    "tiers" INTEGER NOT NULL,
    "needs_plug" BOOLEAN NOT NULL,
    "below" INTEGER GENERATED ALWAYS AS (CASE WHEN "tier" > 1 THEN "tier" - 1 END) STORED,
    "plug" BOOLEAN GENERATED ALWAYS AS (CASE WHEN "needs_plug" THEN true END) STORED,

    CONSTRAINT "yard_place_slot" PRIMARY KEY ("un_location_code", "block", "bay", "row", "tier"),
    CONSTRAINT "yard_place_visit" UNIQUE ("container_visit_id"),
    CONSTRAINT "yard_place_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT,
    CONSTRAINT "yard_place_height" CHECK ("tier" <= "tiers"),
    CONSTRAINT "yard_place_stack" FOREIGN KEY ("un_location_code", "block", "bay", "row", "tiers")
        REFERENCES "yard_stack" ("un_location_code", "block", "bay", "row", "tiers"),
    CONSTRAINT "yard_place_plug" FOREIGN KEY ("un_location_code", "block", "bay", "row", "plug")
        REFERENCES "yard_stack" ("un_location_code", "block", "bay", "row", "has_plug"),
    CONSTRAINT "yard_place_support" FOREIGN KEY ("un_location_code", "block", "bay", "row", "below")
        REFERENCES "yard_place" ("un_location_code", "block", "bay", "row", "tier")
);

-- Where containers are stowed aboard the ship of a call: one in each slot.
CREATE TABLE "stowage_place" (
    "port_call_id" UUID NOT NULL,
    "bay" INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    "tier" INTEGER NOT NULL,
    "container_visit_id" UUID NOT NULL,

    CONSTRAINT "stowage_place_slot" PRIMARY KEY ("port_call_id", "bay", "row", "tier"),
    CONSTRAINT "stowage_place_visit" UNIQUE ("container_visit_id"),
    CONSTRAINT "stowage_place_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT
);

CREATE TABLE "gate_slot" (
    "id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "capacity" INTEGER NOT NULL,
    "booked" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "gate_slot_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "gate_slot_window" CHECK ("starts_at" < "ends_at"),
    CONSTRAINT "gate_slot_capacity" CHECK ("booked" BETWEEN 0 AND "capacity"),
    CONSTRAINT "gate_slot_once" UNIQUE ("un_location_code", "starts_at")
);

CREATE TABLE "gate_appointment" (
    "id" UUID NOT NULL,
    "gate_slot_id" UUID NOT NULL,
    "container_visit_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL CHECK ("purpose" IN ('DELIVERY', 'PICK_UP')),
    "truck_licence_plate" TEXT NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('BOOKED', 'ARRIVED', 'COMPLETED', 'CANCELLED')),
    "booked_at" TIMESTAMPTZ(3) NOT NULL,
    "booked_by" TEXT NOT NULL,
    "arrived_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CHECK ("version" > 0),

    CONSTRAINT "gate_appointment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "gate_appointment_gate_slot_id_fkey" FOREIGN KEY ("gate_slot_id")
        REFERENCES "gate_slot" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "gate_appointment_container_visit_id_fkey" FOREIGN KEY ("container_visit_id")
        REFERENCES "container_visit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "gate_appointment_gate_slot_id_id_idx" ON "gate_appointment" ("gate_slot_id", "id");
CREATE INDEX "gate_appointment_completed_at_idx" ON "gate_appointment" ("completed_at");
CREATE INDEX "gate_appointment_container_visit_id_id_idx"
    ON "gate_appointment" ("container_visit_id", "id");
-- A container has one appointment at a time.
CREATE UNIQUE INDEX "gate_appointment_open" ON "gate_appointment" ("container_visit_id")
    WHERE "state" IN ('BOOKED', 'ARRIVED');

-- Counts what is booked, for whoever books it: "gate_slot_capacity" then refuses what is too much.
CREATE FUNCTION "gate_slot_count"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') AND OLD."state" <> 'CANCELLED' THEN
        UPDATE "gate_slot" SET "booked" = "booked" - 1 WHERE "id" = OLD."gate_slot_id";
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') AND NEW."state" <> 'CANCELLED' THEN
        UPDATE "gate_slot" SET "booked" = "booked" + 1 WHERE "id" = NEW."gate_slot_id";
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "gate_slot_count" AFTER INSERT OR DELETE OR UPDATE OF "state", "gate_slot_id"
    ON "gate_appointment" FOR EACH ROW EXECUTE FUNCTION "gate_slot_count"();
