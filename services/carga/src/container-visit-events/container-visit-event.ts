import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import type { ContainerVisit, Position } from '../container-visits/container-visit.schema.ts'
import { progressOf } from '../container-visits/progress.ts'
import type { NewContainerVisitEvent } from './container-visit-event.schema.ts'

/**
 * What can happen to a container: the equipment event types of DCSA Track and Trace 3, ARRI and DEPA
 * of its transport events, RELS (released by the line) of its shipment events, and YARD, which is
 * PortTrack's own: set down in the yard.
 */
export const eventCodes = [
  'ARRI',
  'AVDO',
  'AVPU',
  'CROS',
  'CUSI',
  'CUSR',
  'CUSS',
  'DEPA',
  'DISC',
  'DROP',
  'GTIN',
  'GTOT',
  'INSP',
  'LOAD',
  'PICK',
  'RELS',
  'RMVD',
  'RSEA',
  'STRP',
  'STUF',
  'YARD',
] as const
export type EventCode = (typeof eventCodes)[number]

/** Planned, estimated or actual (DCSA). */
export const eventClassifierCodes = ['PLN', 'EST', 'ACT'] as const

/** What has become of an event since it was recorded. */
export const eventStatuses = ['STANDS', 'UPDATED', 'RETRACTED'] as const
type EventStatus = (typeof eventStatuses)[number]

/** What the rules need to know of an event. */
export type RecordedEvent = {
  id: string
  /** Id of the first of the events that update each other. */
  seriesId: string
  /** Order of recording within the visit. */
  sequence: number
  eventCode: EventCode
  eventClassifierCode: (typeof eventClassifierCodes)[number]
  eventDateTime: string
  position: Position | null
  /** Whether its series was retracted. */
  retracted: boolean
}

/** An event that is neither updated nor retracted. */
export type StandingEvent = Omit<RecordedEvent, 'retracted'>

export const containerVisitEventErrors = defineErrors({
  CONTAINER_VISIT_EVENT_CANNOT_FOLLOW: {
    status: 409,
    title: {
      en: 'The event cannot follow what has happened',
      es: 'El suceso no puede seguir a lo ocurrido',
    },
  },
  CONTAINER_VISIT_EVENT_RETRACTED: {
    status: 409,
    title: { en: 'The event was retracted', es: 'El suceso se retiró' },
  },
  CONTAINER_VISIT_EVENTS_FULL: {
    status: 409,
    title: { en: 'The visit has too many events', es: 'La estancia tiene demasiados sucesos' },
  },
  CONTAINER_VISIT_EVENT_INVALID: {
    status: 422,
    title: { en: 'The event breaks a rule', es: 'El suceso incumple una regla' },
  },
})

/** Events of one visit at most: its state is computed from all of them. */
export const mostEvents = 1_000

/** How far in the future an actual event may be, in milliseconds: clocks differ. */
const clockTolerance = 300_000

/** Where each move takes a container; other events do not say where it stands. */
const placeOf: Partial<Record<EventCode, 'vessel' | 'yard'>> = { LOAD: 'vessel', YARD: 'yard' }

/** What has become of each event: the newest of a series stands unless the series was retracted. */
export const statusesOf = (events: readonly RecordedEvent[]): Map<string, EventStatus> => {
  const newest = new Map<string, number>()
  for (const { seriesId, sequence } of events) {
    newest.set(seriesId, Math.max(sequence, newest.get(seriesId) ?? 0))
  }
  return new Map(
    events.map(({ id, seriesId, sequence, retracted }) => [
      id,
      retracted ? 'RETRACTED' : newest.get(seriesId) === sequence ? 'STANDS' : 'UPDATED',
    ]),
  )
}

/** The events that count. */
export const standing = (events: readonly RecordedEvent[]): RecordedEvent[] => {
  const statuses = statusesOf(events)
  return events.filter(({ id }) => statuses.get(id) === 'STANDS')
}

/**
 * Which rules an event breaks by itself.
 *
 * @param updated the event that it updates, if any
 * @param now milliseconds since 1970
 */
export const eventFaults = (
  event: NewContainerVisitEvent,
  updated: RecordedEvent | null,
  now: number,
): Fault[] => {
  const { eventCode, eventClassifierCode, eventDateTime, position = null, override } = event
  const place = placeOf[eventCode]
  const faults: Fault[] = []
  if (eventClassifierCode === 'ACT' && Date.parse(eventDateTime) > now + clockTolerance) {
    faults.push({
      pointer: '#/eventDateTime',
      detail: {
        en: 'an actual event is not in the future',
        es: 'un suceso real no está en el futuro',
      },
    })
  }
  if (position !== null && (place === undefined || !(place in position))) {
    const detail = place
      ? {
          en: `${eventCode} has a position in the ${place}`,
          es: `${eventCode} tiene una posición en el ${place === 'yard' ? 'patio' : 'buque'}`,
        }
      : { en: `${eventCode} has no position`, es: `${eventCode} no tiene posición` }
    faults.push({ pointer: '#/position', detail })
  }
  if (eventCode === 'YARD' && position === null) {
    faults.push({
      pointer: '#/position',
      detail: { en: 'YARD says where in the yard', es: 'YARD dice en qué lugar del patio' },
    })
  }
  if (override !== undefined && eventCode !== 'YARD') {
    faults.push({
      pointer: '#/override',
      detail: {
        en: 'only a container that is set down in the yard is so by override',
        es: 'solo un contenedor que se deja en el patio lo está por excepción',
      },
    })
  }
  if (updated !== null && updated.eventCode !== eventCode) {
    faults.push({
      pointer: '#/eventCode',
      detail: {
        en: `updates an event ${updated.eventCode}`,
        es: `actualiza un suceso ${updated.eventCode}`,
      },
    })
  }
  return faults
}

/**
 * Everything in the order of events that keeps one from being added to a visit's: an actual one must
 * be able to follow those before it, and no event that counted may lose what it followed.
 *
 * @param added the event, as the last of `events`
 */
export const obstaclesTo = (
  visit: Pick<ContainerVisit, 'flow'>,
  events: readonly RecordedEvent[],
  added: RecordedEvent,
): Text[] => {
  const before = progressOf(visit.flow, standing(events))
  const all = standing([...events, added])
  const { idle } = progressOf(visit.flow, all)
  return [
    ...(idle.get(added.id) ?? []),
    ...all
      .filter(({ id }) => id !== added.id && idle.has(id) && !before.idle.has(id))
      .map(({ id, eventCode }) => ({
        en: `${eventCode} (${id}) could no longer follow`,
        es: `${eventCode} (${id}) ya no podría seguir`,
      })),
  ]
}
