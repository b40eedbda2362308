-- Which replica holds a connection to a station that serves AIS.
CREATE TABLE "ais_link_lease" (
    "link" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ais_link_lease_pkey" PRIMARY KEY ("link")
);
