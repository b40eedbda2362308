import { defineEvents } from '@porttrack/shared/events/define-events'
import { Type } from 'typebox'
import { employeeStates, restProfiles } from './employees/employee.ts'
import { shiftLifecycle } from './shifts/shift.ts'

/** Ids and codes only: names, contacts and reasons never leave the service by an event. */
const Employee = Type.Object({
  employeeId: Type.String({ format: 'uuid' }),
  organization: Type.Union([Type.String(), Type.Null()]),
  roles: Type.Array(Type.String()),
  skills: Type.Array(Type.String()),
  restProfile: Type.Enum(restProfiles, { type: 'string' }),
  state: Type.Enum(employeeStates, { type: 'string' }),
})

const Uuid = Type.String({ format: 'uuid' })
const shift = {
  shiftId: Uuid,
  portCallId: Type.Union([Uuid, Type.Null()]),
  serviceOrderId: Type.Union([Uuid, Type.Null()], {
    description:
      'The demand that is served: the order of a port call service in barcos, or the moves of the call',
  }),
  kindOfWork: Type.String(),
  startsAt: Type.String({ format: 'date-time' }),
  endsAt: Type.String({ format: 'date-time' }),
}
const provider = {
  providerOrganization: Type.Union([Type.String(), Type.Null()], {
    description: 'Whose order the shift serves; null where it serves none',
  }),
}

const Assignment = Type.Object({
  assignmentId: Uuid,
  employeeId: Uuid,
  organization: Type.Union([Type.String(), Type.Null()]),
  role: Type.Union([Type.String(), Type.Null()]),
  ...shift,
})

const WorkRecord = Type.Object({
  workRecordId: Uuid,
  employeeId: Uuid,
  organization: Type.Union([Type.String(), Type.Null()]),
  shiftId: Type.Union([Uuid, Type.Null()]),
  startedAt: Type.String({ format: 'date-time' }),
  endedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  emergency: Type.Boolean(),
  correctsId: Type.Union([Uuid, Type.Null()]),
  annuls: Type.Boolean(),
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
  'personal.employee.erased': {
    description: 'What names an employee was erased: whoever keeps a copy erases it too',
    organizations: ['organization'],
    data: Type.Object({
      employeeId: Type.String({ format: 'uuid' }),
      organization: Type.Union([Type.String(), Type.Null()]),
    }),
  },
  'personal.shift.changed': {
    description: 'A shift was published, started, closed or cancelled',
    organizations: ['providerOrganization'],
    data: Type.Object({
      ...shift,
      ...provider,
      UNLocationCode: Type.String(),
      positions: Type.Integer({ minimum: 0, description: 'How many people it needs' }),
      state: Type.Enum(shiftLifecycle.stateNames, { type: 'string' }),
    }),
  },
  'personal.assignment.confirmed': {
    description: 'Someone works in a shift that is published',
    organizations: ['organization'],
    data: Assignment,
  },
  'personal.crew.confirmed': {
    description: 'Every position of a published shift has someone; the subject is the shift’s id',
    organizations: ['providerOrganization'],
    data: Type.Object({
      ...shift,
      ...provider,
      UNLocationCode: Type.String(),
      positions: Type.Integer(),
    }),
  },
  'personal.assignment.withdrawn': {
    description: 'Someone who was confirmed does not work in the shift',
    organizations: ['organization'],
    data: Assignment,
  },
  'personal.certificate.expiring': {
    description:
      'An active person’s certificate ends soon and no other takes its place; told once for each threshold of `CERTIFICATE_ALERT_DAYS`',
    organizations: ['organization'],
    data: Type.Object({
      certificateId: Uuid,
      employeeId: Uuid,
      organization: Type.Union([Type.String(), Type.Null()]),
      type: Type.String(),
      expires: Type.String({ format: 'date' }),
      daysLeft: Type.Integer({ description: 'Days until its last; negative when it has ended' }),
      thresholdDays: Type.Integer(),
    }),
  },
  'personal.work-record.signed': {
    description:
      'Someone’s work was signed off; one that `correctsId` names counts no longer, and neither does this where it `annuls`',
    organizations: ['organization'],
    data: WorkRecord,
  },
})
