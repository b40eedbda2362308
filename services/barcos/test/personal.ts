import { randomUUID } from 'node:crypto'
import type { NewEvent } from '@porttrack/shared/events/outbox'

export type Shift = {
  shiftId: string
  portCallId: string | null
  serviceOrderId: string | null
  kindOfWork: string
  startsAt: string
  endsAt: string
}

/** A shift that serves a call, as personal's events have it. */
export const shiftOf = (portCallId: string | null, given: Partial<Shift> = {}): Shift => ({
  shiftId: randomUUID(),
  portCallId,
  serviceOrderId: null,
  kindOfWork: 'MOORING',
  startsAt: '2026-11-01T08:00:00.000Z',
  endsAt: '2026-11-01T12:00:00.000Z',
  ...given,
})

type Of = { provider?: string | null; time?: string }
const timed = (time: string | undefined) => (time === undefined ? {} : { time })

/** That a shift has come into a state; without `positions` as personal once told it. */
export const shiftChanged = (
  shift: Shift,
  state: string,
  { provider = null, positions, time }: Of & { positions?: number } = {},
): NewEvent => ({
  type: 'personal.shift.changed',
  subject: shift.shiftId,
  ...timed(time),
  data: {
    ...shift,
    providerOrganization: provider,
    UNLocationCode: 'ESALG',
    ...(positions === undefined ? {} : { positions }),
    state,
  },
})

/** That every position of a shift has someone. */
export const crewConfirmed = (
  shift: Shift,
  positions: number,
  { provider = null, time }: Of = {},
): NewEvent => ({
  type: 'personal.crew.confirmed',
  subject: shift.shiftId,
  ...timed(time),
  data: { ...shift, providerOrganization: provider, UNLocationCode: 'ESALG', positions },
})

/** That somebody works in a shift, or does not. */
export const assignment = (
  what: 'confirmed' | 'withdrawn',
  shift: Shift,
  { id, employeeId = randomUUID(), time }: { id: string; employeeId?: string; time?: string },
): NewEvent => ({
  type: `personal.assignment.${what}`,
  subject: id,
  ...timed(time),
  data: { assignmentId: id, employeeId, organization: null, role: 'MOORING_MAN', ...shift },
})
