import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { visibleText } from '../employees/employee.schema.ts'
import { Shift } from '../shifts/shift.schema.ts'
import { mostDays } from './shift-rotation.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const Day = Type.String({ format: 'date' })

/** Parts of a recurrence rule that speak of days; those of times would have a shift begin twice a day. */
const ruleOfDays =
  '^FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYMONTH|BYWEEKNO|BYYEARDAY|BYSETPOS|WKST)=[A-Z0-9,+-]{1,100}){0,8}$'

const described = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: visibleText,
    description: 'Unique among rotations',
  }),
  gangTemplateId: Type.String({ format: 'uuid', description: 'Whose positions its shifts have' }),
  UNLocationCode: Shift.properties.UNLocationCode,
  firstDay: Type.String({ format: 'date', description: 'The day that the rule counts from' }),
  rule: Type.String({
    maxLength: 500,
    pattern: ruleOfDays,
    description: 'Recurrence rule of days (RFC 5545), `UNTIL` being a day',
    examples: ['FREQ=DAILY;INTERVAL=4', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
  }),
  startTime: Type.String({
    pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
    description: 'By the clock of the time zone',
    examples: ['22:00'],
  }),
  endTime: Type.String({
    pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
    description: 'Of the next day where it is not after `startTime`',
    examples: ['06:00'],
  }),
}
const exceptDays = Type.Array(Day, {
  maxItems: 366,
  uniqueItems: true,
  description: 'Days of the rule without a shift',
})
const timeZone = Type.String({
  maxLength: 100,
  description: 'IANA time zone of the clock; the port’s unless given',
  examples: ['Europe/Madrid'],
})
const [place] = Shift.properties.place.anyOf

export const NewShiftRotation = Type.Object(
  {
    ...described,
    place: Type.Optional(place),
    timeZone: Type.Optional(timeZone),
    exceptDays: Type.Optional(exceptDays),
  },
  { additionalProperties: false },
)
export type NewShiftRotation = Static<typeof NewShiftRotation>

export const ShiftRotation = Type.Object(
  {
    id: Uuid,
    ...described,
    place: Type.Union([place, Type.Null()]),
    timeZone,
    exceptDays,
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: 'ShiftRotation' },
)
export type ShiftRotation = Static<typeof ShiftRotation>

export const PlanSpan = Type.Object(
  {
    from: Type.String({ format: 'date', description: 'The first day' }),
    to: Type.String({ format: 'date', description: `The last day; ${mostDays} days at most` }),
  },
  { additionalProperties: false },
)
export type PlanSpan = Static<typeof PlanSpan>

export const PlannedDays = Type.Object({
  items: Type.Array(
    Type.Object({
      day: Day,
      shiftId: Uuid,
      made: Type.Boolean({ description: 'Whether it was made now, or was there already' }),
    }),
    { maxItems: mostDays },
  ),
  leftOut: Type.Array(Day, {
    maxItems: mostDays,
    description:
      'Days on which the clock makes the shift last no time, or more than a day: plan them by hand',
  }),
})
export type PlannedDays = Static<typeof PlannedDays>

export const ShiftRotationParams = Type.Object({ id: Uuid })

export const ShiftRotationQuery = Type.Object(
  { ...pageQuery, gangTemplateId: Type.Optional(Uuid) },
  { additionalProperties: false },
)
export type ShiftRotationQuery = Static<typeof ShiftRotationQuery>
