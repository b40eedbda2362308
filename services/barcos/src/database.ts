import { openPool, type PoolOptions } from '@porttrack/shared/database/pool'
import { prismaOptions } from '@porttrack/shared/database/prisma-options'
import { prismaDatabase } from '@porttrack/shared/database/transaction'
import { Prisma, PrismaClient } from './generated/prisma/client.ts'

export type {
  ApproachPlace as ApproachPlaceRow,
  ApproachPlaceBlock as ApproachPlaceBlockRow,
  Berth as BerthRow,
  BerthOccupancy as BerthOccupancyRow,
  CargoProgress as CargoProgressRow,
  Clearance as ClearanceRow,
  ClearanceDecision as ClearanceDecisionRow,
  CrewShift as CrewShiftRow,
  DcsaEvent as DcsaEventRow,
  PortCall as PortCallRow,
  PortCallService as PortCallServiceRow,
  PortCallTimestamp as PortCallTimestampRow,
  ServiceOrder as ServiceOrderRow,
  ServiceOrderDecision as ServiceOrderDecisionRow,
  Vessel as VesselRow,
  VesselCertificate as VesselCertificateRow,
  VesselRecord as VesselRecordRow,
} from './generated/prisma/client.ts'

/** SQL's own null in a column of JSON, which could hold JSON's null as well. */
export const noJson = Prisma.DbNull

/** What stores read and write with, within a transaction or without one. */
export type Client = Prisma.TransactionClient

/** The service's database: the kit's view of it, and Prisma for reads outside a transaction. */
export const openDatabase = (options: PoolOptions) => {
  const pool = openPool(options)
  const prisma = new PrismaClient(prismaOptions(pool))
  return { ...prismaDatabase<Client>(prisma, pool), client: prisma as Client }
}

export type BarcosDatabase = ReturnType<typeof openDatabase>
