import type { Sql } from '@porttrack/shared/database/transaction'
import type { Fault } from '@porttrack/shared/http/problem'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import { type Booked, type GateRule, passageFaults, purposeOfPassage } from './gate-passage.ts'

/** The truck by which a container passes the gate, and what is amiss with it. */
type Passage = { gateAppointmentId: string | null; faults: Fault[] }

/**
 * Finds the appointment that an event at the gate belongs to: the open one, or the one by which the
 * truck was inside when it happened.
 */
export const passageOf = async (
  sql: Sql,
  visit: Pick<ContainerVisit, 'id' | 'flow'>,
  { event, rule }: { event: RecordedEvent; rule: GateRule },
): Promise<Passage> => {
  const purpose = purposeOfPassage(visit.flow, event)
  if (purpose === null) return { gateAppointmentId: null, faults: [] }
  const at = new Date(event.eventDateTime)
  const [booked] = await sql<Booked & { id: string }>(
    `SELECT a.id::text, a.arrived_at AS "arrivedAt", s.starts_at AS "startsAt", s.ends_at AS "endsAt"
     FROM gate_appointment a JOIN gate_slot s ON s.id = a.gate_slot_id
     WHERE a.container_visit_id = $1::uuid AND a.purpose = $2
       AND (a.state IN ('BOOKED', 'ARRIVED') OR (a.state = 'COMPLETED' AND a.completed_at >= $3))
     ORDER BY a.state = 'COMPLETED', a.id DESC LIMIT 1`,
    [visit.id, purpose, at],
  )
  return {
    gateAppointmentId: booked?.id ?? null,
    faults: passageFaults(purpose, booked ?? null, { at, toleranceMs: rule.toleranceMs }),
  }
}
