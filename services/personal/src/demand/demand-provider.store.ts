import type { Unit } from '@porttrack/shared/database/transaction'
import type { Client } from '../database.ts'
import type { Shift } from '../shifts/shift.schema.ts'

/**
 * The organization whose demand a shift serves: the provider of the service, or for moves the terminal,
 * else the agent. Null for a shift that serves no order, which is the port's own.
 */
export const providerServed = async (
  { tx }: Unit<Client>,
  { serviceOrderId }: Pick<Shift, 'serviceOrderId'>,
): Promise<string | null> => {
  if (serviceOrderId === null) return null
  const demand = await tx.demand.findUnique({
    where: { id: serviceOrderId },
    select: { providerOrganization: true },
  })
  return demand?.providerOrganization ?? null
}
