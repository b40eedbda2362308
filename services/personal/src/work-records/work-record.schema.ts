import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { Reason } from '../employees/employee.schema.ts'
import { workRecordLifecycle } from './work-record.ts'
import { told } from '../told.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const orNull = <S extends Parameters<typeof Type.Union>[0][number]>(
  schema: S,
  description: string,
) => Type.Union([schema, Type.Null()], { description })

const startedAt = Type.String({ format: 'date-time', description: 'When the person came in' })
const endedAt = Type.String({ format: 'date-time', description: 'When the person went out' })
const emergency = Type.Optional(
  Type.Boolean({
    description: 'Of an emergency (STCW A-VIII/1.8); as the shift is unless given',
  }),
)

export const NewWorkRecord = Type.Object(
  {
    employeeId: Uuid,
    shiftId: Type.Optional(
      Type.String({ format: 'uuid', description: 'The shift that it was the work of' }),
    ),
    startedAt,
    endedAt: Type.Optional(endedAt),
    emergency,
  },
  { additionalProperties: false },
)
export type NewWorkRecord = Static<typeof NewWorkRecord>

export const WorkTimes = Type.Object(
  { startedAt, endedAt, emergency },
  { additionalProperties: false },
)
export type WorkTimes = Static<typeof WorkTimes>

export const WorkEnd = Type.Object({ endedAt }, { additionalProperties: false })
export const Correction = Type.Object(
  { startedAt, endedAt, emergency, reason: Reason },
  { additionalProperties: false },
)
export type Correction = Static<typeof Correction>
export const Annulment = Type.Object({ reason: Reason }, { additionalProperties: false })

export const WorkRecord = Type.Object(
  {
    id: Uuid,
    employeeId: Uuid,
    shiftId: orNull(Uuid, 'Null for work outside every shift'),
    startedAt,
    endedAt: orNull(Instant, 'Null while the work goes on'),
    emergency: Type.Boolean(),
    state: Type.Enum(workRecordLifecycle.stateNames, { type: 'string' }),
    correctsId: orNull(Uuid, 'The record in whose place it counts'),
    correctionReason: Type.Union([told.reason, Type.Null()]),
    annuls: Type.Boolean({ description: 'There was no such work: it counts for nothing' }),
    recordedBy: Subject,
    recordedAt: Instant,
    signedBy: Type.Union([Subject, Type.Null()]),
    signedAt: Type.Union([Instant, Type.Null()]),
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'WorkRecord' },
)
export type WorkRecord = Static<typeof WorkRecord>

export const WorkRecordParams = Type.Object({ id: Uuid })

export const WorkRecordQuery = Type.Object(
  {
    ...pageQuery,
    employeeId: Type.Optional(Uuid),
    shiftId: Type.Optional(Uuid),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Work that began then or later' }),
    ),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Work that began before' })),
    sort: sortQuery(['startedAt'], '-startedAt'),
  },
  { additionalProperties: false },
)
export type WorkRecordQuery = Static<typeof WorkRecordQuery>
