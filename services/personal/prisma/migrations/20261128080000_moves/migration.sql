-- What barcos and carga tell of a port call, as far as its cargo needs people.
CREATE TABLE "call_moves" (
    "port_call_id" UUID NOT NULL,
    "un_location_code" TEXT NOT NULL CHECK ("un_location_code" ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    "organization" TEXT NOT NULL,
    "expected_at" TIMESTAMPTZ(3),
    "call_state" TEXT,
    "moves" INTEGER CHECK ("moves" >= 0),

    CONSTRAINT "call_moves_pkey" PRIMARY KEY ("port_call_id")
);
