import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { Flow } from '../container-visits/container-visit.ts'
import type { gatePurposes } from './gate.ts'

/** What becomes of a truck that has no appointment, or comes outside of its slot. */
export const gatePolicies = ['REMARKED', 'REFUSED'] as const

/** What is asked of a container that passes the gate. */
export type GateRule = { policy: (typeof gatePolicies)[number]; toleranceMs: number }

export const passageConditions = defineConditions({
  BROUGHT_BY_APPOINTMENT: 'a truck has an appointment to bring it',
  WITHIN_SLOT:
    'the truck comes within its slot, or as near to it as `GATE_TOLERANCE_MINUTES` allows',
})

/** What a truck comes for when a container passes the gate by its flow; null for any other event. */
export const purposeOfPassage = (
  flow: Flow,
  { eventCode, eventClassifierCode }: Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode'>,
): (typeof gatePurposes)[number] | null => {
  if (eventClassifierCode !== 'ACT') return null
  if (flow === 'EXPORT' && eventCode === 'GTIN') return 'DELIVERY'
  return flow === 'IMPORT' && eventCode === 'GTOT' ? 'PICK_UP' : null
}

/** A truck's appointment, as far as its passage needs to know it. */
export type Booked = { startsAt: Date; endsAt: Date; arrivedAt: Date | null }

/**
 * What is amiss with a passage. That an import is fetched without an appointment is a condition of its
 * leaving and not told here.
 *
 * @param at when the container passes; where the truck is known to have come, that counts
 */
export const passageFaults = (
  purpose: (typeof gatePurposes)[number],
  booked: Booked | null,
  { at, toleranceMs }: { at: Date; toleranceMs: number },
): Fault[] => {
  if (booked === null) {
    if (purpose === 'PICK_UP') return []
    return [
      fault(
        'BROUGHT_BY_APPOINTMENT',
        'no truck has an appointment to bring it',
        'ningún camión tiene cita para traerlo',
      ),
    ]
  }
  const { startsAt, endsAt, arrivedAt } = booked
  const came = (arrivedAt ?? at).getTime()
  const window = `${startsAt.toISOString()} – ${endsAt.toISOString()}`
  const early = minutes(startsAt.getTime() - toleranceMs - came)
  if (early > 0) {
    return [
      fault(
        'WITHIN_SLOT',
        `the truck is ${early} min too early for its slot (${window})`,
        `el camión llega ${early} min antes de lo admitido para su franja (${window})`,
      ),
    ]
  }
  // A slot ends before its last moment.
  const late = minutes(came - endsAt.getTime() - toleranceMs + 1)
  if (late > 0) {
    return [
      fault(
        'WITHIN_SLOT',
        `the truck is ${late} min too late for its slot (${window})`,
        `el camión llega ${late} min después de lo admitido para su franja (${window})`,
      ),
    ]
  }
  return []
}

const fault = (code: keyof typeof passageConditions, en: string, es: string): Fault => ({
  pointer: '#/eventDateTime',
  code,
  detail: { en, es },
})

const minutes = (milliseconds: number): number => Math.ceil(milliseconds / 60_000)
