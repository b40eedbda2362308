-- What an authority has to say before a ship may leave.
CREATE TABLE "clearance" (
    "port_call_id" UUID NOT NULL,
    "authority" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "source" TEXT,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "clearance_pkey" PRIMARY KEY ("port_call_id", "authority"),
    CONSTRAINT "clearance_port_call_id_fkey" FOREIGN KEY ("port_call_id")
        REFERENCES "port_call"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "clearance_authority_known"
        CHECK ("authority" IN ('CUSTOMS', 'HEALTH', 'SECURITY', 'IMMIGRATION', 'DUES')),
    CONSTRAINT "clearance_state_known" CHECK ("state" IN ('PENDING', 'GRANTED', 'REFUSED')),
    CONSTRAINT "clearance_decided" CHECK (
        ("state" = 'PENDING') = ("decided_at" IS NULL)
        AND ("decided_at" IS NULL) = ("decided_by" IS NULL)
        AND ("decided_at" IS NULL) = ("source" IS NULL)
    ),
    CONSTRAINT "clearance_refused_with_reason" CHECK ("state" <> 'REFUSED' OR "reason" IS NOT NULL),
    CONSTRAINT "clearance_source_known" CHECK ("source" IN ('SYSTEM', 'PERSON')),
    CONSTRAINT "clearance_version_positive" CHECK ("version" > 0)
);

-- Every decision about a clearance; rows are only ever added.
CREATE TABLE "clearance_decision" (
    "id" UUID NOT NULL,
    "port_call_id" UUID NOT NULL,
    "authority" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "reason" TEXT,
    "source" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "clearance_decision_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "clearance_decision_port_call_id_authority_fkey" FOREIGN KEY ("port_call_id", "authority")
        REFERENCES "clearance"("port_call_id", "authority") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "clearance_decision_source_known" CHECK ("source" IN ('SYSTEM', 'PERSON'))
);

CREATE INDEX "clearance_decision_port_call_id_decided_at_id_idx"
    ON "clearance_decision"("port_call_id", "decided_at", "id");

-- A ship leaves only with an authorisation, and one stands only while the ship may leave.
ALTER TABLE "port_call"
    ADD COLUMN "departure_authorized_at" TIMESTAMPTZ(3),
    ADD COLUMN "departure_authorized_by" TEXT,
    ADD CONSTRAINT "port_call_departure_authorized" CHECK (
        ("departure_authorized_at" IS NULL) = ("departure_authorized_by" IS NULL)
        AND (
            "departure_authorized_at" IS NULL AND "state" NOT IN ('DEPARTED', 'CLOSED')
            OR "departure_authorized_at" IS NOT NULL
                AND "state" IN ('ARRIVED', 'COMPLETED', 'DEPARTED', 'CLOSED')
        )
    );
