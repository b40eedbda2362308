import { PrismaPg } from '@prisma/adapter-pg'
import { openPool, type PoolOptions } from '@porttrack/shared/database/pool'
import { prismaDatabase } from '@porttrack/shared/database/transaction'
import { type Prisma, PrismaClient } from './generated/prisma/client.ts'

export type {
  PortCall as PortCallRow,
  PortCallDecision as PortCallDecisionRow,
  PortCallTimestamp as PortCallTimestampRow,
  Vessel as VesselRow,
} from './generated/prisma/client.ts'

/** What stores read and write with, within a transaction or without one. */
export type Client = Prisma.TransactionClient

/** The service's database: the kit's view of it, and Prisma for reads outside a transaction. */
export const openDatabase = (options: PoolOptions) => {
  const pool = openPool(options)
  // By default Prisma's errors show the arguments of the query, and errors are logged.
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' })
  return { ...prismaDatabase<Client>(prisma, pool), client: prisma as Client }
}

export type BarcosDatabase = ReturnType<typeof openDatabase>
