import { defineConsumer } from '@porttrack/shared/events/consumer'
import { EventInstant, eventReading, EventText } from '@porttrack/shared/events/event-reading'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, Type } from 'typebox'
import { crewShiftStates } from './crews/crew.ts'
import {
  confirmAssignment,
  confirmCrew,
  keepShift,
  type ToldShift,
  withdrawAssignment,
} from './crews/crew.store.ts'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'
import { nullable } from './nullable.ts'

const Uuid = Type.String({ format: 'uuid' })
const shift = {
  shiftId: Uuid,
  portCallId: nullable(Uuid),
  serviceOrderId: nullable(Uuid),
  kindOfWork: EventText(100),
  startsAt: EventInstant,
  endsAt: EventInstant,
}
const providerOrganization = nullable(EventText(100))
const Positions = Type.Integer({ minimum: 0, maximum: 10_000 })

/**
 * What of personal's events is used here. Who is assigned is not: the harbour office needs to know that
 * a call is served and not by whom, and what is not kept need not be erased.
 */
const ShiftChanged = Type.Object({
  ...shift,
  providerOrganization,
  state: Type.Enum(crewShiftStates),
  // Not of those that personal published before it told it.
  positions: Type.Optional(Positions),
})
const CrewConfirmed = Type.Object({ ...shift, providerOrganization, positions: Positions })
const Assignment = Type.Object({ ...shift, assignmentId: Uuid })

type PersonalFeedOptions = { metrics: Metrics<typeof metrics>; log: Logger }

/** Keeps what personal tells of the crews that serve port calls. */
export const personalFeed = (options: PersonalFeedOptions) => {
  const read = eventReading<Client>(options)
  const told = (
    data: Static<typeof ShiftChanged> | Static<typeof CrewConfirmed> | Static<typeof Assignment>,
    time: string,
  ): ToldShift | null =>
    data.portCallId === null
      ? null
      : {
          id: data.shiftId.toLowerCase(),
          portCallId: data.portCallId.toLowerCase(),
          serviceOrderId: data.serviceOrderId?.toLowerCase() ?? null,
          kindOfWork: data.kindOfWork,
          startsAt: new Date(data.startsAt),
          endsAt: new Date(data.endsAt),
          // Nobody outside hears of a draft.
          state: 'state' in data ? data.state : 'PUBLISHED',
          providerOrganization: 'providerOrganization' in data ? data.providerOrganization : null,
          positions: ('positions' in data ? data.positions : undefined) ?? null,
          toldAt: new Date(time),
        }
  return defineConsumer<Client>({
    from: 'personal',
    handlers: {
      'personal.shift.changed': read(ShiftChanged, async (data, unit, { time }) => {
        const shift = told(data, time)
        if (shift) await keepShift(unit, shift)
      }),
      'personal.crew.confirmed': read(CrewConfirmed, async (data, unit, { id, time }) => {
        const shift = told(data, time)
        if (shift) await confirmCrew(unit, shift, id)
      }),
      'personal.assignment.confirmed': read(Assignment, async (data, unit, { time }) => {
        const shift = told(data, time)
        if (shift) await confirmAssignment(unit, shift, data.assignmentId.toLowerCase())
      }),
      'personal.assignment.withdrawn': read(Assignment, async (data, unit, { id, time }) => {
        const shift = told(data, time)
        const assignmentId = data.assignmentId.toLowerCase()
        if (shift) await withdrawAssignment(unit, shift, { assignmentId, eventId: id })
      }),
    },
  })
}
