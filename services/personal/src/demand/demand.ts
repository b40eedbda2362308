import { defineErrors } from '@porttrack/shared/http/errors'
import type { ShiftState } from '../shifts/shift.ts'

/** How far the order of a service has come, in barcos; people are needed while it is asked or planned. */
export const demandStates = [
  'REQUESTED',
  'CONFIRMED',
  'DENIED',
  'STARTED',
  'COMPLETED',
  'CANCELLED',
] as const
export type DemandState = (typeof demandStates)[number]

export const demandErrors = defineErrors({
  DEMAND_COVERED: {
    status: 409,
    title: {
      en: 'A shift serves the order already',
      es: 'Un turno ya atiende el pedido',
    },
  },
  DEMAND_OVER: {
    status: 409,
    title: {
      en: 'Nobody is needed for the order any more',
      es: 'Ya no hace falta nadie para el pedido',
    },
  },
  DEMAND_INVALID: {
    status: 422,
    title: { en: 'The plan breaks a rule', es: 'El plan incumple una regla' },
  },
})

/** How many gangs make so many moves, one at least. */
export const gangsFor = (moves: number, movesPerGang: number): number =>
  Math.min(mostGangs, Math.max(1, Math.ceil(moves / movesPerGang)))

/** The most gangs that anything is taken to need. */
export const mostGangs = 20

/** States of a port call whose ship does not come, and those in which its cargo is done. */
const notComing = new Set(['REJECTED', 'OMITTED', 'CANCELLED'])
const done = new Set(['COMPLETED', 'DEPARTED', 'CLOSED'])

/** The demand for people that the moves of a port call make, by the state of the call in barcos. */
export const stateOfMoves = (moves: number, callState: string | null): DemandState => {
  if (moves === 0 || notComing.has(callState ?? '')) return 'CANCELLED'
  return done.has(callState ?? '') ? 'COMPLETED' : 'CONFIRMED'
}

/** Whether people can still be planned for an order. */
export const isPlannable = (state: DemandState): boolean =>
  state === 'REQUESTED' || state === 'CONFIRMED'

/**
 * The shift that serves an order, as far as it decides what becomes of it: `asAsked` while neither the
 * time nor the number of gangs has changed.
 */
export type ServingShift = { state: ShiftState; crewed: boolean; asAsked: boolean }

/** What becomes of the shift of an order that has come into a state. */
export type Outcome = 'make' | 'move' | 'flag' | 'give-up' | 'keep'

/**
 * What a planner would do unasked when an order changes: a draft for what is confirmed, moved with it
 * while nobody is assigned, and given up with it. A shift that people are assigned to is not moved under
 * them: it is flagged, and a planner decides.
 */
export const outcomeOf = (state: DemandState, shift: ServingShift | null): Outcome => {
  if (state === 'DENIED' || state === 'CANCELLED') {
    const canEnd = shift?.state === 'DRAFT' || shift?.state === 'PUBLISHED'
    return canEnd ? 'give-up' : 'keep'
  }
  if (state !== 'CONFIRMED') return 'keep'
  if (shift === null) return 'make'
  if (shift.asAsked) return 'keep'
  return shift.state === 'DRAFT' && !shift.crewed ? 'move' : 'flag'
}
