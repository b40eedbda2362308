import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import type { TimeWindow } from '@porttrack/shared/time/local-time'
import { v7 as uuidv7 } from 'uuid'
import type { Client, DemandRow, PersonalDatabase, Prisma } from '../database.ts'
import type { GangTemplate } from '../gang-templates/gang-template.schema.ts'
import { templateOf } from '../gang-templates/gang-template.store.ts'
import { portFaults, shiftFaults } from '../shifts/shift.ts'
import { mostPositions, type Shift } from '../shifts/shift.schema.ts'
import { changeShift, giveUpShift, lockShift, positionsOf } from '../shifts/shift.store.ts'
import { demandErrors, type DemandState, isPlannable, type Outcome, outcomeOf } from './demand.ts'
import type { Demand, DemandPlan, DemandQuery } from './demand.schema.ts'

type DemandStoreOptions = { database: PersonalDatabase; cursors: Cursors }

/** What is told of an order; what an event does not tell is as it was told before. */
export type ToldOrder = {
  id: string
  portCallId: string
  service: string
  phase: string | null
  providerOrganization: string
  startsAt: Date
  state: DemandState
  /** Why, where it is denied or cancelled. */
  reason: string | null
  UNLocationCode?: string
  quantity?: number
}

/** What needs people: rows in, `Demand` out. */
export const demandStore = ({ database, cursors }: DemandStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: (id: string): Promise<Demand> => requireDemand(database.client, id),

  /** One page of the demand that a query names, by the time of the service. */
  list: async (query: DemandQuery): Promise<Page<Demand>> => {
    const keys = sortKeysOf<'startsAt'>(query.sort ?? 'startsAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('demand', query))
    const found = await database.client.demand.findMany({
      where: { AND: [filterOf(query), where] },
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page('demand', query, { found, positionOf: positionIn(keys) })
    return { ...page, items: await withShifts(database.client, page.items) }
  },

  /**
   * Plans a draft for an order by hand.
   *
   * @throws ProblemError 404, 409 when a shift serves it already or it is over, 422 naming every fault
   */
  plan: async (
    unit: Unit<Client>,
    { caller, id, given }: { caller: Caller; id: string; given: DemandPlan },
  ): Promise<Demand> => {
    const order = await lockDemand(unit, id)
    if (!order) throw new ProblemError(kitErrors.NOT_FOUND)
    if (!isPlannable(order.state as DemandState)) throw new ProblemError(demandErrors.DEMAND_OVER)
    if (await servingShift(unit, order.id)) throw new ProblemError(demandErrors.DEMAND_COVERED)
    const row = await unit.tx.gangTemplate.findUnique({ where: { id: given.gangTemplateId } })
    if (!row) {
      throw invalid('#/gangTemplateId', {
        en: 'is no gang template',
        es: 'no es una plantilla de mano',
      })
    }
    const template = templateOf(row)
    const location = given.UNLocationCode ?? order.unLocationCode
    if (location === null) {
      throw invalid('#/UNLocationCode', {
        en: 'is needed, since the order names no port',
        es: 'hace falta, ya que el pedido no nombra el puerto',
      })
    }
    const window = windowGiven(given) ?? windowServed(order.startsAt, template)
    if (window === null) {
      throw invalid('#/startsAt', {
        en: 'is needed with `endsAt`, since the template serves no orders',
        es: 'hace falta con `endsAt`, ya que la plantilla no atiende pedidos',
      })
    }
    const errors = [
      ...(given.UNLocationCode === undefined ? [] : portFaults(given.UNLocationCode)),
      ...shiftFaults(window),
    ]
    if (errors.length > 0) throw new ProblemError(demandErrors.DEMAND_INVALID, { errors })
    await makeShift(unit, { order, location, template, window, by: caller.subject })
    await unit.tx.demand.update({ where: { id: order.id }, data: changed({ moved: false }) })
    return requireDemand(unit.tx, order.id)
  },
})

export type DemandStore = ReturnType<typeof demandStore>

/**
 * Keeps what is told of an order, and does what a planner would do unasked.
 *
 * @param by who is named as the planner: the service that told
 * @returns what became of the shift; `keep` also where there is no gang template for the order
 */
export const noteOrder = async (
  unit: Unit<Client>,
  told: ToldOrder,
  by: string,
): Promise<Outcome> => {
  await unit.tx.demand.createMany({
    data: [
      {
        id: told.id,
        portCallId: told.portCallId,
        service: told.service,
        phase: told.phase,
        providerOrganization: told.providerOrganization,
        quantity: told.quantity ?? 1,
        unLocationCode: told.UNLocationCode ?? null,
        startsAt: told.startsAt,
        state: told.state,
      },
    ],
    skipDuplicates: true,
  })
  const order = await lockDemand(unit, told.id)
  if (!order) throw new Error('an order that was just noted is there')
  const { startsAt, state, quantity = order.quantity } = told
  const template = await templateFor(unit.tx, order)
  const window = template && windowServed(startsAt, template)
  const shift = await servingShift(unit, order.id)
  const outcome = outcomeOf(
    state,
    shift && {
      state: shift.state,
      crewed: (await crewOf(unit.tx, shift.id)) > 0,
      // A shift that was planned by hand has times of its own: it is as asked unless that changes.
      asAsked: order.startsAt.getTime() === startsAt.getTime() && order.quantity === quantity,
    },
  )
  const asked = { ...order, quantity }
  const done = await carryOut(unit, {
    outcome,
    order: asked,
    resized: quantity !== order.quantity,
    told,
    template,
    window,
    shift,
    by,
  })
  const moved = outcome === 'flag' || (order.moved && outcome === 'keep')
  await unit.tx.demand.update({
    where: { id: order.id },
    data: changed({ startsAt, state, quantity, moved }),
  })
  return done
}

type Doing = {
  outcome: Outcome
  order: DemandRow
  /** Whether the number of gangs has changed. */
  resized: boolean
  told: ToldOrder
  template: GangTemplate | null
  window: TimeWindow | null
  shift: Shift | null
  by: string
}

const carryOut = async (
  unit: Unit<Client>,
  { outcome, order, resized, told, template, window, shift, by }: Doing,
): Promise<Outcome> => {
  switch (outcome) {
    case 'make': {
      const location = order.unLocationCode
      if (template === null || window === null || location === null) return 'keep'
      await makeShift(unit, { order, location, template, window, by })
      return outcome
    }
    case 'move': {
      if (shift === null) return 'keep'
      const delay = told.startsAt.getTime() - order.startsAt.getTime()
      const later = (time: string) => new Date(Date.parse(time) + delay)
      // A shift that was planned by hand keeps its positions while the number of gangs is the same.
      const isResized = resized && template !== null
      if (isResized) await unit.tx.shiftPosition.deleteMany({ where: { shiftId: shift.id } })
      await changeShift(unit, shift.id, {
        startsAt: later(shift.startsAt),
        endsAt: later(shift.endsAt),
        ...(isResized ? { positions: { create: gangsOf(template, order.quantity) } } : {}),
      })
      return outcome
    }
    case 'give-up': {
      if (shift === null) return 'keep'
      const reason = `${told.service} ${told.state}${told.reason === null ? '' : `: ${told.reason}`}`
      await giveUpShift(unit, shift, { reason: reason.slice(0, 500), by })
      return outcome
    }
    case 'flag':
    case 'keep':
      return outcome
  }
}

type Making = {
  order: DemandRow
  location: string
  template: GangTemplate
  window: TimeWindow
  by: string
}

const makeShift = async (
  { tx }: Unit<Client>,
  { order, location, template, window, by }: Making,
): Promise<void> => {
  await tx.shift.create({
    data: {
      id: uuidv7(),
      state: 'DRAFT',
      createdBy: by,
      unLocationCode: location,
      kindOfWork: template.kindOfWork,
      portCallId: order.portCallId,
      serviceOrderId: order.id,
      emergency: false,
      startsAt: window.from,
      endsAt: window.to,
      positions: { create: gangsOf(template, order.quantity) },
    },
  })
}

/** The positions of so many gangs, as far as one shift has room for them. */
const gangsOf = ({ positions }: GangTemplate, count: number) => {
  const gangs = Array.from({ length: count }, () => positions)
  return positionsOf({ positions: gangs.flat().slice(0, mostPositions) })
}

/** An order that nobody else changes, or plans for, until the transaction ends. */
const lockDemand = async ({ tx, sql }: Unit<Client>, id: string): Promise<DemandRow | null> => {
  await sql('SELECT 1 FROM demand WHERE id = $1::uuid FOR UPDATE', [id])
  return tx.demand.findUnique({ where: { id } })
}

/** The shift that serves an order, locked. */
const servingShift = async (unit: Unit<Client>, id: string): Promise<Shift | null> => {
  const row = await unit.tx.shift.findFirst({
    where: { serviceOrderId: id, state: { not: 'CANCELLED' } },
    select: { id: true },
  })
  if (!row) return null
  const shift = await lockShift(unit, row.id)
  // It may have been cancelled while the lock was waited for.
  return shift.state === 'CANCELLED' ? null : shift
}

const crewOf = (tx: Client, shiftId: string): Promise<number> =>
  tx.assignment.count({ where: { shiftId, withdrawnAt: null } })

/** The gang template for an order: the port's own before the one for any port. */
const templateFor = async (
  tx: Client,
  { service, unLocationCode }: DemandRow,
): Promise<GangTemplate | null> => {
  const rows = await tx.gangTemplate.findMany({
    where: {
      servesService: service,
      OR: [{ servesLocation: null }, { servesLocation: unLocationCode }],
    },
  })
  const row = rows.find(({ servesLocation }) => servesLocation !== null) ?? rows[0]
  return row ? templateOf(row) : null
}

const windowServed = (at: Date, { serves }: GangTemplate): TimeWindow | null => {
  if (serves === null) return null
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  return { from: minutes(-serves.leadMinutes), to: minutes(serves.durationMinutes) }
}

const windowGiven = ({ startsAt, endsAt }: DemandPlan): TimeWindow | null =>
  startsAt === undefined || endsAt === undefined
    ? null
    : { from: new Date(startsAt), to: new Date(endsAt) }

const invalid = (pointer: string, detail: { en: string; es: string }): ProblemError =>
  new ProblemError(demandErrors.DEMAND_INVALID, { errors: [{ pointer, detail }] })

const changed = (data: Prisma.DemandUpdateInput): Prisma.DemandUpdateInput => ({
  ...data,
  version: { increment: 1 },
  updatedAt: new Date(),
})

/** @throws ProblemError 404 */
const requireDemand = async (client: Client, id: string): Promise<Demand> => {
  const row = await client.demand.findUnique({ where: { id } })
  const [demand] = row ? await withShifts(client, [row]) : []
  if (!demand) throw new ProblemError(kitErrors.NOT_FOUND)
  return demand
}

const filterOf = (query: DemandQuery): Prisma.DemandWhereInput => {
  const { from, to, state, portCallServiceTypeCode: service, portCallId } = query
  return {
    ...(state === undefined ? {} : { state }),
    ...(service === undefined ? {} : { service }),
    ...(portCallId === undefined ? {} : { portCallId }),
    startsAt: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lt: new Date(to) }),
    },
  }
}

const withShifts = async (client: Client, rows: readonly DemandRow[]): Promise<Demand[]> => {
  const shifts = await client.shift.findMany({
    where: { serviceOrderId: { in: rows.map(({ id }) => id) }, state: { not: 'CANCELLED' } },
    select: {
      id: true,
      state: true,
      serviceOrderId: true,
      // Counted here: counting in the database would count every shift's.
      positions: { select: { id: true } },
      assignments: { where: { withdrawnAt: null }, select: { id: true } },
    },
  })
  return rows.map((row) => {
    const shift = shifts.find(({ serviceOrderId }) => serviceOrderId === row.id)
    return {
      id: row.id,
      portCallId: row.portCallId,
      portCallServiceTypeCode: row.service,
      portCallPhaseTypeCode: row.phase,
      UNLocationCode: row.unLocationCode,
      providerOrganization: row.providerOrganization,
      quantity: row.quantity,
      startsAt: row.startsAt.toISOString(),
      state: row.state as DemandState,
      moved: row.moved,
      shift: shift
        ? {
            id: shift.id,
            state: shift.state as Shift['state'],
            positions: shift.positions.length,
            filled: shift.assignments.length,
          }
        : null,
      version: row.version,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    }
  })
}
