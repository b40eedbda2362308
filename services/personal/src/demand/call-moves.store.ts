import { createHash } from 'node:crypto'
import type { Unit } from '@porttrack/shared/database/transaction'
import { stringify } from 'uuid'
import type { Client } from '../database.ts'
import { gangsFor, type Outcome, stateOfMoves } from './demand.ts'
import { noteOrder } from './demand.store.ts'

/** What is told of a port call; what an event does not tell is as it was told before. */
export type ToldCall = {
  portCallId: string
  unLocationCode: string
  /** Of the terminal, else of the agent. */
  organization: string
  expectedAt?: Date | null
  callState?: string
  moves?: number
}

/**
 * Keeps what is told of a port call, and makes demand of its moves once it is known how many there are
 * and when the ship comes.
 *
 * @param terms.by who is named as the planner: the service that told
 * @returns what became of the shift; null while too little is known
 */
export const noteCall = async (
  unit: Unit<Client>,
  told: ToldCall,
  { movesPerGang, by }: { movesPerGang: number; by: string },
): Promise<Outcome | null> => {
  const { portCallId, ...columns } = told
  const call = await unit.tx.callMoves.upsert({
    where: { portCallId },
    create: told,
    update: columns,
  })
  if (call.moves === null || call.expectedAt === null) return null
  return noteOrder(
    unit,
    {
      id: demandIdOf(portCallId),
      portCallId,
      service: 'CARGO_OPERATIONS',
      phase: null,
      providerOrganization: call.organization,
      startsAt: call.expectedAt,
      state: stateOfMoves(call.moves, call.callState),
      reason: null,
      UNLocationCode: call.unLocationCode,
      quantity: gangsFor(call.moves, movesPerGang),
    },
    by,
  )
}

/** Id of the demand that a call's moves make: the same each time (UUID version 8, RFC 9562). */
const demandIdOf = (portCallId: string): string => {
  const bytes = createHash('sha256').update(`moves of ${portCallId}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return stringify(bytes)
}
