import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, type TSchema, Type } from 'typebox'
import { employeeStates, restProfiles } from './employee.ts'
import { told } from '../told.ts'

/** Text that people read: no control characters, no blank at either end. */
export const visibleText = String.raw`^[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?$`

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

/** A code of a role, skill or certificate. */
export const Code = Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,39}$', examples: ['PILOT'] })

export const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: visibleText })

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: visibleText })

const PersonnelNumber = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9./-]{0,19}$',
  description: 'Unique among all employees',
})

const Organization = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'Code of the pilot, tug or mooring company the employee works for',
})

const email = nullable(Type.String({ format: 'email', maxLength: 254 }))
const phone = nullable(
  Type.String({
    pattern: String.raw`^\+[1-9]\d{6,14}$`,
    description: 'International form (ITU-T E.164)',
    examples: ['+34600000000'],
  }),
)

const work = {
  roles: Type.Array(Code, { maxItems: 20, uniqueItems: true, description: 'Positions held' }),
  skills: Type.Array(Code, { maxItems: 100, uniqueItems: true }),
  restProfile: Type.Enum(restProfiles, {
    type: 'string',
    description: 'STCW_MLC for pilots, tug and launch crews, EU_WTD for staff ashore',
  }),
}

/** An employee as registered, and as replaced. */
export const NewEmployee = Type.Object(
  {
    personnelNumber: PersonnelNumber,
    givenName: Name,
    familyName: Name,
    email: Type.Optional(email),
    phone: Type.Optional(phone),
    organization: Type.Optional(nullable(Organization)),
    ...work,
  },
  { additionalProperties: false },
)
export type NewEmployee = Static<typeof NewEmployee>

export const Deactivation = Type.Object({ reason: Reason }, { additionalProperties: false })

const notForAll = 'Null for who does not need to know it'

export const Employee = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    personnelNumber: PersonnelNumber,
    givenName: { ...nullable(Name), description: notForAll },
    familyName: { ...nullable(Name), description: notForAll },
    email: { ...email, description: notForAll },
    phone: { ...phone, description: notForAll },
    organization: nullable(Organization),
    ...work,
    state: Type.Enum(employeeStates, { type: 'string' }),
    deactivation: nullable(
      Type.Object(
        { reason: told.reason, at: Type.String({ format: 'date-time' }), by: Subject },
        { description: notForAll },
      ),
    ),
    erasedAt: nullable(
      Type.String({
        format: 'date-time',
        description: 'When what names the person was taken out for good',
      }),
    ),
    version: Type.Integer({ minimum: 1 }),
    registeredAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Employee' },
)
export type Employee = Static<typeof Employee>

export const EmployeeParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What a list of employees can be sorted by. */
export const employeeOrder = ['personnelNumber', 'familyName', 'registeredAt'] as const

export const EmployeeQuery = Type.Object(
  {
    ...pageQuery,
    skill: Type.Optional(Code),
    role: Type.Optional(Code),
    state: Type.Optional(Type.Enum(employeeStates, { type: 'string' })),
    organization: Type.Optional(Organization),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: visibleText,
        description:
          'Beginning of given or family name, without regard to capitals and accents; only for who may see names',
      }),
    ),
    sort: sortQuery(employeeOrder, 'personnelNumber'),
  },
  { additionalProperties: false },
)
export type EmployeeQuery = Static<typeof EmployeeQuery>
