import { openPool, type PoolOptions } from '@porttrack/shared/database/pool'
import { prismaOptions } from '@porttrack/shared/database/prisma-options'
import { pgDatabase, prismaDatabase } from '@porttrack/shared/database/transaction'
import { type Prisma, PrismaClient } from './generated/prisma/client.ts'

export type {
  Prisma,
  PrismaClient,
  Voyage as VoyageRow,
  TransportCall as TransportCallRow,
  VoyageEntry as VoyageEntryRow,
  PortCall as PortCallRow,
  Zone as ZoneRow,
} from './generated/prisma/client.ts'

/** What stores that use Prisma work with inside a transaction. */
export type Tx = Prisma.TransactionClient

/**
 * Opens one pool for both ways into the database: Prisma for zones, plain SQL where throughput is
 * the point (ingest, targets, tracks).
 */
export const openDatabase = (options: PoolOptions) => {
  const pool = openPool(options)
  const prisma = new PrismaClient(prismaOptions(pool))
  return { prisma, database: prismaDatabase<Tx>(prisma, pool), feedDatabase: pgDatabase(pool) }
}
