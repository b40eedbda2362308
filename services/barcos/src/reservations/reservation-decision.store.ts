import type { Unit } from '@porttrack/shared/database/transaction'
import { v7 as uuidv7 } from 'uuid'
import type { Client } from '../database.ts'
import { changesBetween } from '../port-calls/port-call.ts'
import type { Reporter } from '../reporter.ts'
import { type reservationLifecycle, stateOf } from './reservation.ts'
import type { ReservationRow } from './stay.store.ts'

type Decided = {
  action: 'reserve' | (typeof reservationLifecycle.actionNames)[number]
  /** Null for a new one. */
  before: ReservationRow | null
  after: ReservationRow
  reporter: Reporter
}

/** Keeps who put a ship where along the quay, for the history of its call. */
export const keepDecision = async (
  { tx }: Unit<Client>,
  { action, before, after, reporter }: Decided,
): Promise<void> => {
  const changes = before === null ? {} : changesBetween(placeOf(before), placeOf(after))
  await tx.reservationDecision.create({
    data: {
      id: uuidv7(),
      reservationId: after.id,
      portCallId: after.portCall.id,
      action,
      fromState: before === null ? null : stateOf(before),
      toState: stateOf(after),
      berthCode: after.berth.code,
      ...(Object.keys(changes).length === 0 ? {} : { changes }),
      source: reporter.source,
      decidedBy: reporter.subject,
    },
  })
}

const placeOf = ({ berth, fromMetre, toMetre, startsAt, endsAt }: ReservationRow) => ({
  berthCode: berth.code,
  fromMetre,
  toMetre,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
})
