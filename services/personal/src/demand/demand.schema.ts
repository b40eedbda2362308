import { pageQuery } from '@porttrack/shared/http/pagination'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { Code } from '../employees/employee.schema.ts'
import { shiftLifecycle } from '../shifts/shift.ts'
import { demandStates } from './demand.ts'
import { told } from '../told.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const Location = Type.String({ pattern: unLocationCodePattern, examples: ['ESALG'] })
const state = Type.Enum(demandStates, {
  type: 'string',
  description: 'Of the order; people are needed while it is REQUESTED or CONFIRMED',
})

export const Demand = Type.Object(
  {
    id: Type.String({
      format: 'uuid',
      description: 'The order’s, in barcos; of the moves of a port call one of its own',
    }),
    portCallId: Uuid,
    portCallServiceTypeCode: told.code,
    portCallPhaseTypeCode: Type.Union([told.code, Type.Null()]),
    UNLocationCode: Type.Union([Location, Type.Null()]),
    providerOrganization: told.organization,
    quantity: Type.Integer({ minimum: 1, description: 'Gangs, such as one for each tug' }),
    startsAt: Type.String({
      format: 'date-time',
      description: 'The time of the service: requested, and planned once it is confirmed',
    }),
    state,
    moved: Type.Boolean({
      description:
        'The time, or how many gangs are needed, has changed since people were assigned: a planner decides',
    }),
    shift: Type.Union(
      [
        Type.Object({
          id: Uuid,
          state: Type.Enum(shiftLifecycle.stateNames, { type: 'string' }),
          positions: Type.Integer(),
          filled: Type.Integer(),
        }),
        Type.Null(),
      ],
      { description: 'The shift that serves it; null while none does' },
    ),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: 'Demand' },
)
export type Demand = Static<typeof Demand>

export const DemandPlan = Type.Object(
  {
    gangTemplateId: Type.String({ format: 'uuid', description: 'Whose positions are needed' }),
    startsAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'As the template serves unless given' }),
    ),
    endsAt: Type.Optional(Instant),
    UNLocationCode: Type.Optional(Location),
  },
  { additionalProperties: false },
)
export type DemandPlan = Static<typeof DemandPlan>

export const DemandParams = Type.Object({ id: Uuid })

export const DemandQuery = Type.Object(
  {
    ...pageQuery,
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Services at this time or later' }),
    ),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Services before' })),
    state: Type.Optional(state),
    portCallServiceTypeCode: Type.Optional(Code),
    portCallId: Type.Optional(Uuid),
    sort: sortQuery(['startsAt'], 'startsAt'),
  },
  { additionalProperties: false },
)
export type DemandQuery = Static<typeof DemandQuery>
