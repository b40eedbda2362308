import type { Client, PortCallRow, VesselRow } from '../database.ts'
import type { Authority, ClearanceState } from '../clearances/clearance.ts'
import { outstandingOrders } from '../service-orders/service-order.store.ts'
import type { Situation } from './decision.ts'
import type { PortCallState } from './port-call.ts'

/** What the conditions of a call are judged by, beside where its ship lies. */
export const situationOf = async (
  tx: Client,
  call: PortCallRow & { vessel: VesselRow },
): Promise<Situation> => {
  const clearances = await tx.clearance.findMany({
    where: { portCallId: call.id },
    select: { authority: true, state: true },
    orderBy: { authority: 'asc' },
  })
  return {
    state: call.state as PortCallState,
    vesselState: call.vessel.state,
    clearances: clearances as { authority: Authority; state: ClearanceState }[],
    departureAuthorizedAt: call.departureAuthorizedAt,
    orders: await outstandingOrders(tx, call.id),
    lyingAt: null,
    goingTo: null,
    misfits: [],
    inTheWay: [],
  }
}
