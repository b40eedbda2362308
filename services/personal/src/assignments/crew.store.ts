import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { AssignmentRow, Client } from '../database.ts'
import { providerServed } from '../demand/demand-provider.store.ts'
import { events } from '../events.ts'
import type { Shift } from '../shifts/shift.schema.ts'

/** What of an assignment's employee is told with it. */
export const withOrganization = { employee: { select: { organization: true } } } as const

type Told = Pick<AssignmentRow, 'id' | 'employeeId' | 'positionId'> & {
  employee: { organization: string | null }
}

/** Tells the other services of everyone who is assigned to a shift that is published. */
export const confirmCrew = async (unit: Unit<Client>, shift: Shift): Promise<void> => {
  const rows = await unit.tx.assignment.findMany({
    where: { shiftId: shift.id, withdrawnAt: null },
    orderBy: { id: 'asc' },
    include: withOrganization,
  })
  for (const row of rows) tellConfirmed(unit, { shift, row })
  if (rows.length === shift.positions.length) await tellComplete(unit, shift)
}

/** Tells that a published shift is manned, if the assignment that was just made is its last. */
export const confirmIfComplete = async (unit: Unit<Client>, shift: Shift): Promise<void> => {
  const filled = await unit.tx.assignment.count({
    where: { shiftId: shift.id, withdrawnAt: null },
  })
  if (filled === shift.positions.length) await tellComplete(unit, shift)
}

const tellComplete = async (unit: Unit<Client>, shift: Shift): Promise<void> => {
  const { id, UNLocationCode, positions } = shift
  const providerOrganization = await providerServed(unit, shift)
  unit.publish(
    eventOf(events, 'personal.crew.confirmed', {
      subject: id,
      data: {
        ...workOf(shift),
        providerOrganization,
        UNLocationCode,
        positions: positions.length,
      },
    }),
  )
}

export const tellConfirmed = (unit: Unit<Client>, told: { shift: Shift; row: Told }): void =>
  unit.publish(eventOf(events, 'personal.assignment.confirmed', eventData(told)))

/** Withdraws everyone who is assigned to a shift; those who had been confirmed are told of. */
export const withdrawCrew = async (
  unit: Unit<Client>,
  { shift, reason, by }: { shift: Shift; reason: string; by: string },
): Promise<void> => {
  const rows = await unit.tx.assignment.updateManyAndReturn({
    where: { shiftId: shift.id, withdrawnAt: null },
    data: { withdrawalReason: reason, withdrawnBy: by, withdrawnAt: new Date() },
    include: withOrganization,
  })
  for (const row of rows) tellWithdrawn(unit, { shift, row })
}

export const tellWithdrawn = (unit: Unit<Client>, told: { shift: Shift; row: Told }): void => {
  if (told.shift.state === 'DRAFT') return
  unit.publish(eventOf(events, 'personal.assignment.withdrawn', eventData(told)))
}

const eventData = ({ shift, row }: { shift: Shift; row: Told }) => ({
  subject: row.id,
  data: {
    assignmentId: row.id,
    employeeId: row.employeeId,
    organization: row.employee.organization,
    role: shift.positions.find(({ id }) => id === row.positionId)?.role ?? null,
    ...workOf(shift),
  },
})

const workOf = ({ id, portCallId, serviceOrderId, kindOfWork, startsAt, endsAt }: Shift) => ({
  shiftId: id,
  portCallId,
  serviceOrderId,
  kindOfWork,
  startsAt,
  endsAt,
})
