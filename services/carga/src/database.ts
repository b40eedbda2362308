import { openPool, type PoolOptions } from '@porttrack/shared/database/pool'
import { prismaOptions } from '@porttrack/shared/database/prisma-options'
import { prismaDatabase } from '@porttrack/shared/database/transaction'
import { type Prisma, PrismaClient } from './generated/prisma/client.ts'

export type {
  ContainerVisit as ContainerVisitRow,
  ContainerVisitEvent as ContainerVisitEventRow,
  ContainerVisitEventRetraction as ContainerVisitEventRetractionRow,
  DangerousGoods as DangerousGoodsRow,
  GateAppointment as GateAppointmentRow,
  GateSlot as GateSlotRow,
  CargoListItem as CargoListItemRow,
  TransportDocument as TransportDocumentRow,
  CutOffOverride as CutOffOverrideRow,
  Hold as HoldRow,
  PortCall as PortCallRow,
  TrackedEvent as TrackedEventRow,
  VgmDeclaration as VgmDeclarationRow,
} from './generated/prisma/client.ts'

/** What stores read and write with, within a transaction or without one. */
export type Client = Prisma.TransactionClient

/** The service's database: the kit's view of it, and Prisma for reads outside a transaction. */
export const openDatabase = (options: PoolOptions) => {
  const pool = openPool(options)
  const prisma = new PrismaClient(prismaOptions(pool))
  return { ...prismaDatabase<Client>(prisma, pool), client: prisma as Client }
}

export type CargaDatabase = ReturnType<typeof openDatabase>
