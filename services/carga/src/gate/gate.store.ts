import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { CargaDatabase, Client, GateAppointmentRow, GateSlotRow } from '../database.ts'
import { type GateAction, gateAppointmentLifecycle, gateErrors, gateSlotFaults } from './gate.ts'
import type {
  GateAppointment,
  GateSlot,
  GateSlotAppointmentsQuery,
  GateSlotQuery,
  NewGateAppointment,
  NewGateSlot,
} from './gate.schema.ts'

type GateStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** Slots of the gate and the appointments in them. */
export const gateStore = ({ database, cursors }: GateStoreOptions) => ({
  /** One page of a gate's slots, the earliest first. */
  slots: async (query: GateSlotQuery): Promise<Page<GateSlot>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'startsAt'>('startsAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('gate-slots', query))
    const rows = await database.client.gateSlot.findMany({
      where: {
        AND: [
          {
            unLocationCode: query.UNLocationCode,
            ...(query.from === undefined ? {} : { startsAt: { gte: new Date(query.from) } }),
          },
          where,
        ],
      },
      orderBy,
      take: limit + 1,
    })
    return cursors.page('gate-slots', query, {
      found: rows.map(slotOf),
      positionOf: positionIn(keys),
    })
  },

  /** @throws ProblemError 404 */
  slot: (id: string): Promise<GateSlot> => requireSlot(database.client, id),

  /** @throws ProblemError 422 naming every fault, 409 for a slot there is */
  openSlot: async ({ tx }: Unit<Client>, given: NewGateSlot): Promise<GateSlot> => {
    const { UNLocationCode, startsAt, endsAt, capacity } = given
    const errors = gateSlotFaults(given)
    if (errors.length > 0) throw new ProblemError(gateErrors.GATE_SLOT_INVALID, { errors })
    const id = uuidv7()
    const window = { startsAt: new Date(startsAt), endsAt: new Date(endsAt) }
    const { count } = await tx.gateSlot.createMany({
      data: [{ id, unLocationCode: UNLocationCode, ...window, capacity }],
      skipDuplicates: true,
    })
    if (count === 0) throw new ProblemError(gateErrors.GATE_SLOT_EXISTS)
    return requireSlot(tx, id)
  },

  /** @throws ProblemError 404, 412, 409 when more places are booked */
  resizeSlot: async (
    { tx, sql }: Unit<Client>,
    { id, version, capacity }: { id: string; version: number | '*'; capacity: number },
  ): Promise<GateSlot> => {
    await sql('SELECT 1 FROM gate_slot WHERE id = $1::uuid FOR UPDATE', [id])
    assertVersion(version, (await requireSlot(tx, id)).version)
    try {
      const data = { capacity, version: { increment: 1 } }
      return slotOf(await tx.gateSlot.update({ where: { id }, data }))
    } catch (error) {
      throw slotRefusal(error, gateErrors.GATE_SLOT_BELOW_BOOKED)
    }
  },

  /**
   * Books a place. The slot's places are counted by the database, which refuses the one too many.
   *
   * @throws ProblemError 404, 409 when the slot is full or over, or the container has an appointment
   */
  book: async (
    { tx }: Unit<Client>,
    visit: ContainerVisit,
    { given, by }: { given: NewGateAppointment; by: string },
  ): Promise<GateAppointment> => {
    const slot = await requireSlot(tx, given.gateSlotId)
    if (slot.UNLocationCode !== visit.UNLocationCode) throw new ProblemError(kitErrors.NOT_FOUND)
    if (Date.parse(slot.endsAt) <= Date.now()) throw new ProblemError(gateErrors.GATE_SLOT_OVER)
    try {
      const row = await tx.gateAppointment.create({
        data: {
          id: uuidv7(),
          containerVisitId: visit.id,
          ...given,
          state: 'BOOKED',
          bookedAt: new Date(),
          bookedBy: by,
        },
      })
      return appointmentOf(row)
    } catch (error) {
      throw slotRefusal(error, gateErrors.GATE_SLOT_FULL)
    }
  },

  /**
   * One page of a slot's appointments, in the order in which they were booked.
   *
   * @throws ProblemError 404
   */
  appointmentsOf: async (
    gateSlotId: string,
    query: GateSlotAppointmentsQuery,
  ): Promise<Page<GateAppointment>> => {
    const slot = await requireSlot(database.client, gateSlotId)
    const name = `gate-slots/${slot.id}/appointments`
    const [after] = cursors.read(name, query) ?? []
    const rows = await database.client.gateAppointment.findMany({
      where: {
        gateSlotId: slot.id,
        ...(after === undefined ? {} : { id: { gt: String(after) } }),
      },
      orderBy: { id: 'asc' },
      take: (query.limit ?? 50) + 1,
    })
    return cursors.page(name, query, {
      found: rows.map(appointmentOf),
      positionOf: ({ id }) => [id],
    })
  },

  /** Every appointment of a visit, the earliest first. */
  appointments: async (containerVisitId: string): Promise<GateAppointment[]> => {
    const rows = await database.client.gateAppointment.findMany({
      where: { containerVisitId },
      orderBy: { id: 'asc' },
    })
    return rows.map(appointmentOf)
  },

  /** @throws ProblemError 404, 412, 409 when the state does not allow it */
  act: async (
    { tx, sql }: Unit<Client>,
    action: GateAction,
    given: {
      containerVisitId: string
      appointmentId: string
      version: number | '*'
      reason: string | null
    },
  ): Promise<GateAppointment> => {
    const { appointmentId: id, containerVisitId, version, reason } = given
    await sql('SELECT 1 FROM gate_appointment WHERE id = $1::uuid FOR UPDATE', [id])
    const row = await tx.gateAppointment.findUnique({ where: { id } })
    if (row?.containerVisitId !== containerVisitId) throw new ProblemError(kitErrors.NOT_FOUND)
    assertVersion(version, row.version)
    const state = gateAppointmentLifecycle.nextState(row.state as GateAppointment['state'], action)
    if (state === null) {
      const detail = {
        en: `the appointment is ${row.state}`,
        es: `la cita está en ${row.state}`,
      }
      throw new ProblemError(gateErrors.GATE_APPOINTMENT_STATE, { detail })
    }
    const now = new Date()
    return appointmentOf(
      await tx.gateAppointment.update({
        where: { id },
        data: {
          state,
          reason,
          version: { increment: 1 },
          ...(action === 'arrive' ? { arrivedAt: now } : {}),
          ...(action === 'complete' ? { completedAt: now } : {}),
        },
      }),
    )
  },
})

export type GateStore = ReturnType<typeof gateStore>

const slotRefusal = (
  error: unknown,
  full: (typeof gateErrors)['GATE_SLOT_FULL' | 'GATE_SLOT_BELOW_BOOKED'],
): unknown => {
  const constraint = violatedConstraint(error)
  if (constraint === 'gate_slot_capacity') return new ProblemError(full, { cause: error })
  return constraint === 'gate_appointment_open'
    ? new ProblemError(gateErrors.GATE_APPOINTMENT_OPEN, { cause: error })
    : error
}

const requireSlot = async (client: Client, id: string): Promise<GateSlot> => {
  const row = await client.gateSlot.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return slotOf(row)
}

const slotOf = (row: GateSlotRow): GateSlot => ({
  id: row.id,
  UNLocationCode: row.unLocationCode,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  capacity: row.capacity,
  booked: row.booked,
  version: row.version,
})

const appointmentOf = (row: GateAppointmentRow): GateAppointment => ({
  id: row.id,
  gateSlotId: row.gateSlotId,
  containerVisitId: row.containerVisitId,
  purpose: row.purpose as GateAppointment['purpose'],
  truckLicencePlate: row.truckLicencePlate,
  state: row.state as GateAppointment['state'],
  bookedAt: row.bookedAt.toISOString(),
  bookedBy: row.bookedBy,
  arrivedAt: row.arrivedAt?.toISOString() ?? null,
  completedAt: row.completedAt?.toISOString() ?? null,
  reason: row.reason,
  version: row.version,
})
