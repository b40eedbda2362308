import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type {
  BarcosDatabase,
  Client,
  ServiceOrderDecisionRow,
  ServiceOrderRow,
} from '../database.ts'
import { events } from '../events.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import {
  departedAtOf,
  lockCall,
  requireCall,
  requireOwn,
  requireRunning,
  withDeparture,
} from '../port-calls/port-call.store.ts'
import { sees, type Visibility } from '../port-calls/visibility.ts'
import type { Reporter, Source } from '../reporter.ts'
import { endServices, newService } from '../timestamps/port-call-service.store.ts'
import type { Speaker } from '../timestamps/service-parties.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'
import { recordTimestamp, type ReportedTimestamp } from '../timestamps/timestamp-recording.store.ts'
import {
  hindersDeparture,
  outstandingStates,
  serviceOrderErrors,
  serviceOrderLifecycle,
  type ServiceOrderAction,
  type ServiceOrderState,
  sideOf,
  unmetConditions,
} from './service-order.ts'
import type { NewServiceOrder, ServiceOrder, ServiceOrderQuery } from './service-order.schema.ts'

type ServiceOrderStoreOptions = { database: BarcosDatabase; cursors: Cursors }

type By = { visibility: Visibility; reporter: Reporter; speaker: Speaker }

/** A step of an order, before it is taken. */
type NewStep = By & {
  id: string
  action: ServiceOrderAction
  /** The version it is meant for. */
  version: number | '*'
  reason?: string | undefined
  /** When its provider will start it. */
  plannedDateTime?: string | undefined
  /** When it was started or completed. */
  occurredAt?: string | undefined
}

/** The order book: what is ordered of pilots, tugs and the like. Rows in, `ServiceOrder` out. */
export const serviceOrderStore = ({ database, cursors }: ServiceOrderStoreOptions) => ({
  /** @throws ProblemError 404, also for an order that the caller may not know of */
  find: async (id: string, visibility: Visibility): Promise<ServiceOrder> =>
    serviceOrderOf(await requireOrder(database.client, id, visibility)),

  /**
   * One page of the orders that a query names and the caller may see: of its calls, and of those
   * that are ordered of it.
   *
   * @param portCallId of this call only
   * @throws ProblemError 404 for a call that the caller may not know of
   */
  list: async (
    query: ServiceOrderQuery,
    visibility: Visibility,
    portCallId?: string,
  ): Promise<Page<ServiceOrder>> => {
    if (portCallId !== undefined) await requireCall(database.client, portCallId, visibility)
    const limit = query.limit ?? 50
    const list = `service-orders ${portCallId ?? ''}`
    const keys = sortKeysOf<'serviceTime'>(query.sort ?? 'serviceTime')
    const { orderBy, where } = keysetOf(keys, cursors.read(list, query))
    const rows = await database.client.serviceOrder.findMany({
      where: {
        AND: [
          ordersVisibleTo(visibility),
          portCallId === undefined ? {} : { portCallId },
          filterOf(query),
          where,
        ],
      },
      include: withDecisions,
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page(list, query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(serviceOrderOf) }
  },

  /**
   * Orders a service for a call, and records that it is requested.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of; 403 for another
   *   organisation's call; 409 for a call that has ended or expects no ship; 422 naming each breach
   */
  request: async (
    unit: Unit<Client>,
    given: NewServiceOrder,
    { portCallId, ...by }: By & { portCallId: string },
  ): Promise<ServiceOrder> => {
    const { tx, sql } = unit
    await lockCall(sql, portCallId)
    const call = await requireCall(tx, portCallId, by.visibility)
    requireOwn(call, by.visibility)
    requireRunning(call)
    refuseUnmet(unmetConditions('request', { callState: call.state as PortCallState }))

    const key = {
      portCallServiceTypeCode: given.portCallServiceTypeCode,
      portCallPhaseTypeCode: given.portCallPhaseTypeCode ?? null,
    }
    const start = await newService(unit, { ...key, portCallServiceEventTypeCode: 'STRT' }, call)
    const complete = await newService(unit, { ...key, portCallServiceEventTypeCode: 'CMPL' }, call)
    const now = new Date()
    const row = await tx.serviceOrder.create({
      data: {
        id: uuidv7(),
        portCallId,
        agentOrganization: call.agentOrganization,
        serviceType: given.portCallServiceTypeCode,
        phase: given.portCallPhaseTypeCode ?? null,
        providerOrganization: given.providerOrganization,
        quantity: given.quantity ?? null,
        remark: given.remark ?? null,
        requestedTime: new Date(given.requestedDateTime),
        serviceTime: new Date(given.requestedDateTime),
        startServiceId: start.id,
        completeServiceId: complete.id,
        state: 'REQUESTED',
        createdAt: now,
        updatedAt: now,
      },
    })
    await recordStep(unit, row, {
      by,
      event: 'STRT',
      said: {
        classifierCode: 'REQ',
        serviceDateTime: given.requestedDateTime,
        ...(given.remark === undefined ? {} : { remark: given.remark }),
      },
      pointer: '#/requestedDateTime',
    })
    const decision = await keepDecision(unit, row, {
      action: 'request',
      from: null,
      reason: null,
      reporter: by.reporter,
    })
    const order = serviceOrderOf({ ...row, decisions: [decision] })
    unit.publish(
      eventOf(events, 'barcos.service-order.requested', {
        subject: order.id,
        data: {
          orderId: order.id,
          portCallId,
          agentOrganization: call.agentOrganization,
          UNLocationCode: call.unLocationCode,
          portCallServiceTypeCode: order.portCallServiceTypeCode,
          portCallPhaseTypeCode: order.portCallPhaseTypeCode,
          providerOrganization: order.providerOrganization,
          requestedDateTime: order.requestedDateTime,
          quantity: order.quantity,
        },
      }),
    )
    return order
  },

  /**
   * Takes a step of an order: brings it into the state that the action leads to, records the
   * timestamp that the step is, and keeps who, when and why.
   *
   * @throws ProblemError 404, also for an order that the caller may not know of; 403 for who is not
   *   on the side that takes this step; 412; 409 when the state of the order or its call does not
   *   allow it, naming each condition that is not met; 422 naming each breach of the timestamp
   */
  step: async (unit: Unit<Client>, given: NewStep): Promise<ServiceOrder> => {
    const { tx, sql } = unit
    const { id, action, reason = null } = given
    const { portCallId } = await requireOrder(tx, id, given.visibility)
    // Whoever changes an order holds its call: two who act on one order do so one after the other.
    await lockCall(sql, portCallId)
    const call = await tx.portCall.findUniqueOrThrow({
      where: { id: portCallId },
      include: withDeparture,
    })
    const present = await requireOrder(tx, id, given.visibility)
    requireSide(given, present)
    assertVersion(given.version, present.version)
    requireRunning(call)
    const state = present.state as ServiceOrderState
    const to = serviceOrderLifecycle.nextState(state, action)
    if (to === null) {
      throw new ProblemError(serviceOrderErrors.SERVICE_ORDER_NOT_IN_STATE, {
        detail: {
          en: `It is ${state}, from where "${action}" does not lead on`,
          es: `Está en ${state}, desde donde "${action}" no lleva a ningún estado`,
        },
      })
    }
    const now = new Date()
    const occurredAt = given.occurredAt ?? now.toISOString()
    const request = action === 'confirm' ? await lastRequestOf(tx, present) : null
    const plannedTime =
      given.plannedDateTime === undefined
        ? (request?.serviceTime ?? present.requestedTime)
        : new Date(given.plannedDateTime)
    refuseUnmet(
      unmetConditions(action, {
        callState: call.state as PortCallState,
        departedAt: departedAtOf(call)?.toISOString() ?? null,
        providedAt: action === 'confirm' ? plannedTime.toISOString() : occurredAt,
        startedAt: present.startedAt?.toISOString() ?? null,
        completedAt: occurredAt,
      }),
    )
    const changes: Record<ServiceOrderAction, Partial<ServiceOrderRow>> = {
      confirm: changesOf.confirm(plannedTime),
      deny: {},
      start: changesOf.start(new Date(occurredAt)),
      complete: changesOf.complete(new Date(occurredAt)),
      cancel: {},
    }
    if (action === 'confirm') {
      await recordStep(unit, present, {
        by: given,
        event: 'STRT',
        said: {
          classifierCode: 'PLN',
          serviceDateTime: plannedTime.toISOString(),
          // Another time than the requested one answers nothing: it is the provider's own.
          ...(request?.serviceTime.getTime() === plannedTime.getTime()
            ? { replyTo: request.id }
            : {}),
        },
        pointer: '#/plannedDateTime',
      })
    }
    if (action === 'start' || action === 'complete') {
      await recordStep(unit, present, {
        by: given,
        event: action === 'start' ? 'STRT' : 'CMPL',
        said: { classifierCode: 'ACT', serviceDateTime: occurredAt },
        pointer: '#/occurredAt',
      })
    }
    return moveTo(unit, present, {
      action,
      to,
      changes: changes[action],
      reason,
      reporter: given.reporter,
    })
  },
})

export type ServiceOrderStore = ReturnType<typeof serviceOrderStore>

/** Whoever takes a decision about a call. */
type Decider = { source: Source; subject: string }

type CallOff = { portCallId: string; reason: string; reporter: Decider }

/**
 * Cancels what is still to come of a call's orders and services, because the call itself was called
 * off; the call's row must be held.
 *
 * @returns the orders that were cancelled
 */
export const cancelOrders = async (
  unit: Unit<Client>,
  { portCallId, reason, reporter }: CallOff,
): Promise<ServiceOrder[]> => {
  const orders = await unit.tx.serviceOrder.findMany({
    where: { portCallId, state: { in: outstandingStates } },
    include: withDecisions,
    orderBy: { id: 'asc' },
  })
  const cancelled: ServiceOrder[] = []
  for (const order of orders) {
    cancelled.push(
      await moveTo(unit, order, {
        action: 'cancel',
        to: 'CANCELLED',
        changes: {},
        reason,
        reporter,
      }),
    )
  }
  await endServices(unit, { portCallId }, 'cancelledAt')
  return cancelled
}

/**
 * Has an order follow what was told of its services elsewhere, as by a provider whose system speaks
 * DCSA: planned, it is confirmed; begun, it is started; completed after it was begun, it is completed.
 * The call's row must be held.
 */
export const followService = async (
  unit: Unit<Client>,
  timestamp: Timestamp,
  reporter: Decider,
): Promise<void> => {
  const { portCallServiceId: serviceId, breaches } = timestamp
  if (serviceId === null || breaches.length > 0) return
  const order = await unit.tx.serviceOrder.findFirst({
    where: {
      OR: [{ startServiceId: serviceId }, { completeServiceId: serviceId }],
      state: { in: outstandingStates },
    },
    include: withDecisions,
  })
  if (order === null) return
  const time = new Date(timestamp.serviceDateTime)
  const starts = order.startServiceId === serviceId
  let present = order
  for (const action of stepsTold(order, starts, timestamp.classifierCode)) {
    const to = serviceOrderLifecycle.nextState(present.state as ServiceOrderState, action)
    if (to === null) return
    await moveTo(unit, present, {
      action,
      to,
      changes: changesOf[action](time),
      reason: null,
      reporter,
    })
    present = await requireOrder(unit.tx, order.id, 'all')
  }
  if (present.state === 'STARTED' && starts) await completeTold(unit, present, reporter)
}

/** Completes an order that was begun, where its completion was told before its beginning. */
const completeTold = async (
  unit: Unit<Client>,
  present: WithDecisions,
  reporter: Decider,
): Promise<void> => {
  const completion = await unit.tx.portCallTimestamp.findFirst({
    where: {
      serviceId: present.completeServiceId,
      classifier: 'ACT',
      breaches: { isEmpty: true },
      ...(present.startedAt === null ? {} : { serviceTime: { gte: present.startedAt } }),
    },
    orderBy: { recordedAt: 'desc' },
  })
  if (completion === null) return
  await moveTo(unit, present, {
    action: 'complete',
    to: 'COMPLETED',
    changes: changesOf.complete(completion.serviceTime),
    reason: null,
    reporter,
  })
}

type CalledOff = {
  /** Which side of the service calls it off. */
  by: 'PROVIDER' | 'CONSUMER'
  /** Whether who says so speaks for an organisation that may have an order. */
  speaksFor: (providerOrganization: string) => boolean
  reporter: Decider
}

/**
 * Ends a service for good, as told elsewhere than in the order book: its provider cancels it and so
 * denies the order that it is of, or its consumer declines it and so cancels that order. The call's
 * row must be held.
 *
 * @returns whether it has ended: what is being provided is not denied, what has happened stays
 */
export const callOffService = async (
  unit: Unit<Client>,
  serviceId: string,
  { by, speaksFor, reporter }: CalledOff,
): Promise<boolean> => {
  const order = await unit.tx.serviceOrder.findFirst({
    where: { OR: [{ startServiceId: serviceId }, { completeServiceId: serviceId }] },
    include: withDecisions,
  })
  if (order) {
    const action = by === 'PROVIDER' ? 'deny' : 'cancel'
    const to = serviceOrderLifecycle.nextState(order.state as ServiceOrderState, action)
    if (to === null || (by === 'PROVIDER' && !speaksFor(order.providerOrganization))) return false
    await moveTo(unit, order, { action, to, changes: {}, reason: null, reporter })
  } else {
    const end = by === 'PROVIDER' ? 'cancelledAt' : 'declinedAt'
    await endServices(unit, { id: { in: [serviceId] } }, end)
  }
  const service = await unit.tx.portCallService.findUniqueOrThrow({ where: { id: serviceId } })
  return service.cancelledAt !== null || service.declinedAt !== null
}

type ToldStep = Extract<ServiceOrderAction, 'confirm' | 'start' | 'complete'>

/** The steps of an order that a timestamp of one of its services tells of, in order. */
const stepsTold = (
  { state }: ServiceOrderRow,
  starts: boolean,
  classifierCode: Timestamp['classifierCode'],
): readonly ToldStep[] => {
  if (classifierCode === 'PLN') return starts ? ['confirm'] : []
  if (classifierCode !== 'ACT') return []
  if (!starts) return state === 'STARTED' ? ['complete'] : []
  return state === 'REQUESTED' ? ['confirm', 'start'] : ['start']
}

const changesOf: Readonly<Record<ToldStep, (time: Date) => Partial<ServiceOrderRow>>> = {
  confirm: (time) => ({ plannedTime: time, serviceTime: time }),
  start: (time) => ({ startedAt: time, serviceTime: time }),
  complete: (time) => ({ completedAt: time }),
}

/** Orders of a call of which something is still to come, and whether each keeps it from departing. */
export const outstandingOrders = async (
  client: Client,
  portCallId: string,
): Promise<(ServiceOrder & { hindersDeparture: boolean })[]> => {
  const rows = await client.serviceOrder.findMany({
    where: { portCallId, state: { in: outstandingStates } },
    include: withDecisions,
    orderBy: { id: 'asc' },
  })
  return rows
    .map(serviceOrderOf)
    .map((order) => ({ ...order, hindersDeparture: hindersDeparture(order) }))
}

type WithDecisions = ServiceOrderRow & { decisions: ServiceOrderDecisionRow[] }

const withDecisions = {
  decisions: { orderBy: [{ decidedAt: 'asc' as const }, { id: 'asc' as const }] },
}

/** The orders that a caller may see: those of its calls, and those that are ordered of it. */
export const ordersVisibleTo = (visibility: Visibility) =>
  visibility === 'all'
    ? {}
    : {
        OR: [
          { agentOrganization: { in: [...visibility] } },
          { providerOrganization: { in: [...visibility] } },
        ],
      }

const requireOrder = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<WithDecisions> => {
  const row = await client.serviceOrder.findUnique({
    where: { id, ...ordersVisibleTo(visibility) },
    include: withDecisions,
  })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

const refuseUnmet = (unmet: readonly Fault[]): void => {
  if (unmet.length === 0) return
  throw new ProblemError(serviceOrderErrors.SERVICE_ORDER_CONDITIONS_UNMET, { errors: unmet })
}

const requireSide = (
  { action, visibility }: Pick<NewStep, 'action' | 'visibility'>,
  order: { agentOrganization: string; providerOrganization: string },
): void => {
  if (sideOf[action] === 'CONSUMER') return requireOwn(order, visibility)
  if (sees(visibility, order.providerOrganization)) return
  throw new ProblemError(kitErrors.FORBIDDEN, {
    detail: {
      en: 'This is for the provider of the order',
      es: 'Corresponde a quien presta el servicio',
    },
  })
}

type Step = {
  by: By
  event: 'STRT' | 'CMPL'
  said: Pick<ReportedTimestamp, 'classifierCode' | 'serviceDateTime' | 'replyTo' | 'remark'>
  pointer: string
}

/** Records the timestamp that a step of an order is. */
const recordStep = async (
  unit: Unit<Client>,
  order: ServiceOrderRow,
  { by, event, said, pointer }: Step,
): Promise<void> => {
  await recordTimestamp(
    unit,
    {
      portCallServiceTypeCode: order.serviceType as ServiceOrder['portCallServiceTypeCode'],
      portCallServiceEventTypeCode: event,
      ...(order.phase === null
        ? {}
        : {
            portCallPhaseTypeCode: order.phase as NonNullable<
              ServiceOrder['portCallPhaseTypeCode']
            >,
          }),
      portCallServiceId: event === 'STRT' ? order.startServiceId : order.completeServiceId,
      ...said,
    },
    {
      portCallId: order.portCallId,
      visibility: 'all',
      reporter: by.reporter,
      speaker: by.speaker,
      breaches: 'refuse',
      pointer,
    },
  )
}

/** What was asked for last of an order's service: by the order, or by a timestamp since. */
const lastRequestOf = (
  tx: Client,
  { startServiceId }: ServiceOrderRow,
): Promise<{ id: string; serviceTime: Date } | null> =>
  tx.portCallTimestamp.findFirst({
    where: { serviceId: startServiceId, classifier: 'REQ', breaches: { isEmpty: true } },
    orderBy: [{ recordedAt: 'desc' }, { id: 'desc' }],
    select: { id: true, serviceTime: true },
  })

type Move = {
  action: ServiceOrderAction
  to: ServiceOrderState
  changes: Partial<ServiceOrderRow>
  reason: string | null
  reporter: Decider
}

const moveTo = async (
  unit: Unit<Client>,
  present: WithDecisions,
  { action, to, changes, reason, reporter }: Move,
): Promise<ServiceOrder> => {
  const { tx, publish } = unit
  const row = await tx.serviceOrder.update({
    where: { id: present.id },
    data: { ...changes, state: to, version: { increment: 1 }, updatedAt: new Date() },
  })
  if (to === 'DENIED' || to === 'CANCELLED') {
    const end = to === 'DENIED' ? 'cancelledAt' : 'declinedAt'
    await endServices(unit, { id: { in: [row.startServiceId, row.completeServiceId] } }, end)
  }
  const from = present.state as ServiceOrderState
  const decision = await keepDecision(unit, row, { action, from, reason, reporter })
  const order = serviceOrderOf({ ...row, decisions: [...present.decisions, decision] })
  publish(
    eventOf(events, 'barcos.service-order.state-changed', {
      subject: order.id,
      data: {
        orderId: order.id,
        portCallId: order.portCallId,
        agentOrganization: row.agentOrganization,
        portCallServiceTypeCode: order.portCallServiceTypeCode,
        portCallPhaseTypeCode: order.portCallPhaseTypeCode,
        providerOrganization: order.providerOrganization,
        serviceDateTime: order.serviceDateTime,
        action,
        from,
        to,
        reason,
      },
    }),
  )
  return order
}

const keepDecision = (
  { tx }: Unit<Client>,
  order: ServiceOrderRow,
  given: {
    action: ServiceOrderAction | 'request'
    from: ServiceOrderState | null
    reason: string | null
    reporter: Decider
  },
): Promise<ServiceOrderDecisionRow> =>
  tx.serviceOrderDecision.create({
    data: {
      id: uuidv7(),
      orderId: order.id,
      action: given.action,
      fromState: given.from,
      toState: order.state,
      reason: given.reason,
      source: given.reporter.source,
      decidedBy: given.reporter.subject,
      decidedAt: order.updatedAt,
    },
  })

const filterOf = ({ state, providerOrganization, from, to }: ServiceOrderQuery) => ({
  ...(state === undefined ? {} : { state }),
  ...(providerOrganization === undefined ? {} : { providerOrganization }),
  ...(from === undefined && to === undefined
    ? {}
    : {
        serviceTime: {
          ...(from === undefined ? {} : { gte: new Date(from) }),
          ...(to === undefined ? {} : { lt: new Date(to) }),
        },
      }),
})

const serviceOrderOf = (row: WithDecisions): ServiceOrder => ({
  id: row.id,
  portCallId: row.portCallId,
  portCallServiceTypeCode: row.serviceType as ServiceOrder['portCallServiceTypeCode'],
  portCallPhaseTypeCode: row.phase as ServiceOrder['portCallPhaseTypeCode'],
  providerOrganization: row.providerOrganization,
  requestedDateTime: row.requestedTime.toISOString(),
  quantity: row.quantity,
  remark: row.remark,
  plannedDateTime: row.plannedTime?.toISOString() ?? null,
  startedDateTime: row.startedAt?.toISOString() ?? null,
  completedDateTime: row.completedAt?.toISOString() ?? null,
  serviceDateTime: row.serviceTime.toISOString(),
  state: row.state as ServiceOrderState,
  decisions: row.decisions.map((decision) => ({
    action: decision.action as ServiceOrder['decisions'][number]['action'],
    from: decision.fromState as ServiceOrderState | null,
    to: decision.toState as ServiceOrderState,
    reason: decision.reason,
    decidedBy: decision.decidedBy,
    decidedAt: decision.decidedAt.toISOString(),
  })),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
