import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { employeeStates, restProfiles } from './employees/employee.ts'

/** Ids and codes only: names, contacts and reasons never leave the service by an event. */
const Employee = Type.Object({
  employeeId: Type.String({ format: 'uuid' }),
  organization: Type.Union([Type.String(), Type.Null()]),
  roles: Type.Array(Type.String()),
  skills: Type.Array(Type.String()),
  restProfile: Type.Enum(restProfiles, { type: 'string' }),
  state: Type.Enum(employeeStates, { type: 'string' }),
})

/** What personal tells the other services. */
export const events = defineEvents({
  'personal.employee.registered': {
    description: 'An employee was registered',
    organizations: ['organization'],
    data: Employee,
  },
  'personal.employee.changed': {
    description: 'What an employee can do, or whether the employee works, may have changed',
    organizations: ['organization'],
    data: Employee,
  },
})
