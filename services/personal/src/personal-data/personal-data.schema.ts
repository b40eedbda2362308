import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, type TSchema, Type } from 'typebox'
import { Absence } from '../absences/absence.schema.ts'
import { Assignment } from '../assignments/assignment.schema.ts'
import { Certificate } from '../certificates/certificate.schema.ts'
import { Gang } from '../gangs/gang.schema.ts'
import { WorkRecord } from '../work-records/work-record.schema.ts'
import { told } from '../told.ts'

const Instant = Type.String({ format: 'date-time' })
const Uuid = Type.String({ format: 'uuid' })
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

/** A person's part in a shift, as its planners see it. */
const PersonalAssignment = Type.Object({
  id: Uuid,
  shiftId: Uuid,
  UNLocationCode: told.unLocationCode,
  place: nullable(told.place),
  kindOfWork: told.code,
  role: nullable(told.code),
  startsAt: Instant,
  endsAt: Instant,
  overridden: Assignment.properties.overridden,
  overrideReason: nullable(told.reason),
  assignedBy: Subject,
  assignedAt: Instant,
  withdrawalReason: nullable(told.reason),
  withdrawnBy: nullable(Subject),
  withdrawnAt: nullable(Instant),
})

export const PersonalData = Type.Object(
  {
    issuedAt: Instant,
    employee: Type.Ref('Employee'),
    certificates: Type.Array(Type.Omit(Certificate, ['employeeId'])),
    absences: Type.Array(Type.Omit(Absence, ['employeeId'])),
    assignments: Type.Array(PersonalAssignment),
    workRecords: Type.Array(Type.Omit(WorkRecord, ['employeeId'])),
    gangs: Type.Array(Type.Pick(Gang, ['id', 'name']), {
      description: 'Gangs that the person is of',
    }),
  },
  { $id: 'PersonalData' },
)
export type PersonalAssignment = Static<typeof PersonalAssignment>
