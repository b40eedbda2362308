import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions, defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { timeAt, type TimeWindow } from '@porttrack/shared/time/local-time'
import { type QuayRange, rangeFaults } from '../berths/quay-range.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { inMetres } from '../quantity.ts'

export const reservationErrors = defineErrors({
  RESERVATION_INVALID: {
    status: 422,
    title: { en: 'The reservation breaks a rule', es: 'La reserva incumple una regla' },
  },
  BERTH_DOES_NOT_FIT: {
    status: 422,
    title: {
      en: 'The ship does not fit the berth',
      es: 'El buque no cabe en el atraque',
    },
  },
  BERTH_TAKEN: {
    status: 409,
    title: {
      en: 'The berth is taken at that time',
      es: 'El atraque está ocupado en ese tiempo',
    },
  },
  RESERVATION_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The reservation’s state does not allow this',
      es: 'El estado de la reserva no lo permite',
    },
  },
})

/** What must hold of everything else that takes up the quay, or the ship's time. */
export const occupancyConditions = defineConditions({
  METRES_FREE: 'no other ship’s reservation is nearer than the gap in an overlapping window',
  METRES_NOT_BLOCKED: 'no block is nearer than the gap in an overlapping window',
  LENGTH_FITS_FREE_QUAY: 'length overall with the gaps fits what is free of the quay in the window',
  FREE_IN_TIME:
    'in the time looked at there is a window as long as the stay with a place for the ship',
  SHIP_ELSEWHERE: 'the call has no other reservation in an overlapping window',
})
export type OccupancyCondition = keyof typeof occupancyConditions

/** What a reservation goes through. The steps of its call bring the ship to it and away. */
export const reservationLifecycle = defineLifecycle({
  of: 'berth reservation',
  states: {
    RESERVED: 'the metres are kept for the ship',
    OCCUPIED: 'the ship lies there',
    LEFT: 'the ship has lain there and has left',
    RELEASED: 'it was given up, or its call ended without it; the metres are free',
  },
  actions: {
    move: {
      from: ['RESERVED'],
      to: 'RESERVED',
      meaning: 'other metres, another berth or another window',
    },
    adjust: {
      from: ['OCCUPIED'],
      to: 'OCCUPIED',
      meaning: 'another window or other metres of the same berth',
    },
    release: { from: ['RESERVED'], to: 'RELEASED', meaning: 'give the metres up' },
    berth: { from: ['RESERVED'], to: 'OCCUPIED', meaning: 'the ship is made fast' },
    leave: {
      from: ['OCCUPIED'],
      to: 'LEFT',
      meaning: 'the ship has left; the rest of the window is free',
    },
  },
})
export type ReservationState = (typeof reservationLifecycle.stateNames)[number]

/** Why metres became free. */
export const releaseCauses = ['WITHDRAWN', 'CALL_ENDED', 'SHIP_LEFT'] as const
export type ReleaseCause = (typeof releaseCauses)[number]

type Marks = { alongsideFrom: Date | null; alongsideTo: Date | null; releasedAt: Date | null }

/** The state of a reservation by what is kept of it. */
export const stateOf = ({ alongsideFrom, alongsideTo, releasedAt }: Marks): ReservationState => {
  if (releasedAt !== null) return 'RELEASED'
  if (alongsideFrom === null) return 'RESERVED'
  return alongsideTo === null ? 'OCCUPIED' : 'LEFT'
}

/** States of a call for which a berth can be planned: its ship is to come, or is in port. */
const planned: ReadonlySet<PortCallState> = new Set([
  'ANNOUNCED',
  'APPROVED',
  'ARRIVED',
  'ALONGSIDE',
  'WORKING',
  'COMPLETED',
])

/** Whether a call in this state takes reservations. */
export const takesReservations = (state: PortCallState): boolean => planned.has(state)

export const sidesAlongside = ['PORT', 'STARBOARD'] as const

/** The longest window that is reserved at a time, such as a lay-up's; days. */
const longestWindow = 400

type Request = QuayRange & { startsAt: string; endsAt: string }

/** What breaks a rule in the request itself, with its place. */
export const requestFaults = (request: Request): Fault[] => {
  const faults = windowFaults(request)
  // A hull whose end alone is named could begin anywhere.
  if (request.toMetre !== undefined && request.fromMetre === undefined) {
    const detail = { en: 'is needed with toMetre', es: 'hace falta junto con toMetre' }
    faults.push({ pointer: '#/fromMetre', detail })
  }
  return [...faults, ...rangeFaults(request)]
}

const windowFaults = ({ startsAt, endsAt }: Request): Fault[] => {
  const milliseconds = Date.parse(endsAt) - Date.parse(startsAt)
  if (milliseconds <= 0) {
    const detail = { en: 'must be after startsAt', es: 'debe ser posterior a startsAt' }
    return [{ pointer: '#/endsAt', detail }]
  }
  if (milliseconds > longestWindow * 86_400_000) {
    const detail = {
      en: `must be within ${longestWindow} days of startsAt`,
      es: `debe estar a menos de ${longestWindow} días de startsAt`,
    }
    return [{ pointer: '#/endsAt', detail }]
  }
  return []
}

/** A window as the port's clock shows it. */
const windowAt = (timeZone: string, { from, to }: TimeWindow): Text => {
  const [begin, end] = [from, to].map((instant) => timeAt(timeZone, instant)) as [string, string]
  return { en: `from ${begin} to ${end}`, es: `de ${begin} a ${end}` }
}

/** What stands in the way of a reservation, as far as the caller may know it. */
export type Obstacle = {
  id: string
  kind: 'RESERVATION' | 'BLOCK'
  berthId: string
  berthCode: string
  fromMetre: number
  toMetre: number
  startsAt: Date
  endsAt: Date
  portCallId: string | null
  vesselName: string | null
  /** Whether the ship lies there. */
  lies: boolean
  /** A block's. */
  reason: string | null
}

/** What an obstacle is: a block, a ship that lies there, or one that is to. */
const useOf = ({ kind, vesselName, lies, reason }: Obstacle): Text => {
  if (kind === 'BLOCK')
    return { en: `blocked (${reason ?? ''})`, es: `bloqueado (${reason ?? ''})` }
  const use = lies ? { en: 'taken', es: 'ocupado' } : { en: 'reserved', es: 'reservado' }
  if (vesselName === null) return use
  return lies
    ? { en: `${use.en} by ${vesselName}`, es: `${use.es} por ${vesselName}` }
    : { en: `${use.en} for ${vesselName}`, es: `${use.es} para ${vesselName}` }
}

/** Which metres an obstacle takes, and for what, in words. */
export const takenText = (obstacle: Obstacle): Text => {
  const [first, last] = [inMetres(obstacle.fromMetre), inMetres(obstacle.toMetre)]
  const use = useOf(obstacle)
  return {
    en: `${obstacle.berthCode}, ${first.en} to ${last.en}, is ${use.en}`,
    es: `${obstacle.berthCode}, de ${first.es} a ${last.es}, está ${use.es}`,
  }
}

/** An obstacle for programs. */
export const conflictOf = (obstacle: Obstacle): NonNullable<Fault['conflictsWith']> => ({
  kind: obstacle.kind,
  id: obstacle.id,
  berthId: obstacle.berthId,
  fromMetre: obstacle.fromMetre,
  toMetre: obstacle.toMetre,
  startsAt: obstacle.startsAt.toISOString(),
  endsAt: obstacle.endsAt.toISOString(),
  portCallId: obstacle.portCallId,
})

/** Names an obstacle: for people in words, for programs by its properties. */
export const obstacleFault = (
  code: OccupancyCondition,
  obstacle: Obstacle,
  timeZone: string,
): Fault => {
  const taken = takenText(obstacle)
  const window = windowAt(timeZone, { from: obstacle.startsAt, to: obstacle.endsAt })
  return {
    pointer: '#/berthId',
    code,
    detail: { en: `${taken.en} ${window.en}`, es: `${taken.es} ${window.es}` },
    conflictsWith: conflictOf(obstacle),
  }
}
