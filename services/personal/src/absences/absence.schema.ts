import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { absenceKinds } from './absence.ts'

const window = {
  startsAt: Type.String({ format: 'date-time' }),
  endsAt: Type.String({ format: 'date-time', description: 'It does not belong to the absence' }),
}

export const NewAbsence = Type.Object(
  { kind: Type.Enum(absenceKinds, { type: 'string' }), ...window },
  { additionalProperties: false },
)
export type NewAbsence = Static<typeof NewAbsence>

export const Absence = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    employeeId: Type.String({ format: 'uuid' }),
    kind: Type.Enum(absenceKinds, { type: 'string' }),
    ...window,
    withdrawnAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    registeredAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Absence' },
)
export type Absence = Static<typeof Absence>

export const AbsenceParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The employee' }),
  absenceId: Type.String({ format: 'uuid' }),
})

export const AbsenceQuery = Type.Object(pageQuery, { additionalProperties: false })
export type AbsenceQuery = Static<typeof AbsenceQuery>
