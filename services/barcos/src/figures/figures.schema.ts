import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { told } from '../text.ts'

const Day = (description: string) =>
  Type.String({ format: 'date', description, examples: ['2026-10-25'] })

export const FiguresQuery = Type.Object(
  {
    UNLocationCode: Type.String({
      pattern: unLocationCodePattern,
      description: 'The port, UN/LOCODE',
      examples: ['ESALG'],
    }),
    from: Day('First day, in the port’s own time'),
    to: Day('Last day, itself included; at most 366 days'),
    agentOrganization: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
        description: 'Only what concerns the calls of this agent’s organisation',
      }),
    ),
  },
  { additionalProperties: false },
)
export type FiguresQuery = Static<typeof FiguresQuery>

const count = (description: string) => Type.Integer({ minimum: 0, description })
const metreHours = (description: string) =>
  nullable(Type.Number({ minimum: 0, description: `${description}, metre-hours` }))
const ratio = (description: string) => nullable(Type.Number({ minimum: 0, description }))
const meanSeconds = (description: string) =>
  nullable(Type.Number({ minimum: 0, description: `${description}, seconds` }))

const measures = {
  metreHoursOffered: metreHours('Quay length by the hours of the day'),
  metreHoursTaken: metreHours('Metres by the hours that ships really lay there'),
  metreHoursReserved: metreHours('Metres by the hours that are reserved'),
  occupancy: ratio('Taken to offered'),
  reservedOccupancy: ratio('Reserved to offered'),
  callsBerthed: count('Calls whose ship came to its first berth'),
  callsDeparted: count('Calls whose ship left its last berth'),
  waitingCalls: count('Of the calls berthed, those whose waiting time is known'),
  meanWaitingSeconds: meanSeconds('Mean time from anchorage or port entry to the berth'),
  idleCalls: count('Of the calls departed, those whose idle time is known'),
  meanIdleSeconds: meanSeconds('Mean time from the end of cargo operations to leaving the berth'),
  dueCalls: count('Of the calls berthed, those with a planned or declared time of arrival'),
  onTimeCalls: count('Of those, the ones that came within the tolerance'),
  onTimeRatio: ratio('On time to due'),
}

export const DayFigures = Type.Object(
  {
    date: Type.String({ format: 'date', description: 'Calendar day at the port' }),
    berthId: nullable(
      Type.String({ format: 'uuid', description: 'Null for calls whose berth is not known' }),
    ),
    berthCode: nullable(told.placeCode),
    berthName: nullable(told.placeName),
    ...measures,
  },
  { $id: 'DayFigures' },
)
export type DayFigures = Static<typeof DayFigures>

export const Figures = Type.Object(
  {
    UNLocationCode: told.unLocationCode,
    timeZone: Type.String({
      ...told.timeZone,
      description: 'IANA zone in which days begin and end',
    }),
    onTimeToleranceSeconds: Type.Integer({
      minimum: 0,
      description: 'How far from its time a ship may arrive and still be on time',
    }),
    total: Type.Object(measures),
    items: Type.Array(Type.Ref('DayFigures'), { description: 'By day, then by berth code' }),
  },
  { $id: 'Figures' },
)
export type Figures = Omit<Static<typeof Figures>, 'items'> & { items: DayFigures[] }
