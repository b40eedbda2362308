import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { hours, windowFaults } from '../time-window.ts'

export const workRecordErrors = defineErrors({
  WORK_RECORD_INVALID: {
    status: 422,
    title: { en: 'The work record breaks a rule', es: 'El registro de trabajo incumple una regla' },
  },
  WORK_RECORD_OVERLAPS: {
    status: 409,
    title: {
      en: 'Another record has the person at work at that time',
      es: 'Otro registro tiene a la persona trabajando en ese tiempo',
    },
  },
  WORK_RECORD_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The work record’s state does not allow this',
      es: 'El estado del registro de trabajo no lo permite',
    },
  },
})

export const workRecordLifecycle = defineLifecycle({
  of: 'work record',
  states: {
    OPEN: 'someone has come in; the work goes on',
    ENDED: 'in and out are known; it can be replaced until it is signed',
    SIGNED: 'it is immutable, and counts until a correction takes its place',
    CORRECTED: 'another record counts in its place, or none',
  },
  actions: {
    replace: { from: ['OPEN', 'ENDED'], to: 'ENDED', meaning: 'give other times' },
    end: { from: ['OPEN'], to: 'ENDED', meaning: 'someone goes out' },
    sign: { from: ['ENDED'], to: 'SIGNED', meaning: 'vouch for it; irreversible' },
    correct: {
      from: ['SIGNED'],
      to: 'CORRECTED',
      meaning: 'a new record with other times counts in its place, with the reason',
    },
    annul: {
      from: ['OPEN', 'ENDED', 'SIGNED'],
      to: 'CORRECTED',
      meaning: 'there was no such work, with the reason; it is kept and does not count',
    },
  },
})
export type WorkRecordState = (typeof workRecordLifecycle.stateNames)[number]
export type WorkRecordAction = (typeof workRecordLifecycle.actionNames)[number]

/** The longest stretch of work that is recorded at once: an emergency may last through two nights. */
export const longestRecord = hours(48)

/** How far a time clock may be ahead, in milliseconds. */
const clockTolerance = 5 * 60_000

/**
 * Which rules the times of a work record break.
 *
 * @param to null while the work goes on
 * @param now what has happened lies before it
 */
export const workRecordFaults = (
  { from, to }: { from: Date; to: Date | null },
  now: Date,
): Fault[] => [
  ...(to === null
    ? []
    : windowFaults({ from, to }, { longest: longestRecord, pointer: '#/endedAt' })),
  ...[
    { pointer: '#/startedAt', time: from },
    { pointer: '#/endedAt', time: to },
  ].flatMap(({ pointer, time }) =>
    time === null || time.getTime() <= now.getTime() + clockTolerance
      ? []
      : [{ pointer, detail: { en: 'is in the future', es: 'está en el futuro' } }],
  ),
]
