import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, PortCallRow, VesselRow } from '../database.ts'
import { events } from '../events.ts'
import type { Reporter } from '../reporter.ts'
import { vesselErrors } from '../vessels/vessel.ts'
import {
  hasEnded,
  nextState,
  type PortCallAction,
  portCallErrors,
  portCallFaults,
  type PortCallState,
} from './port-call.ts'
import type { Announcement, PortCall, PortCallQuery, Redeclared } from './port-call.schema.ts'
import type { Visibility } from './visibility.ts'

type PortCallStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** A decision about a call, before it is taken. */
type NewDecision = {
  id: string
  action: PortCallAction
  /** The version it is meant for. */
  version: number | '*'
  visibility: Visibility
  reporter: Reporter
  reason?: string | undefined
  redeclared?: Redeclared
}

/** Port calls and the decisions about them: rows in, `PortCall` out. */
export const portCallStore = ({ database, cursors }: PortCallStoreOptions) => ({
  /** @throws ProblemError 404, also for a call that the caller may not know of */
  find: async (id: string, visibility: Visibility): Promise<PortCall> =>
    portCallOf(await requireCall(database.client, id, visibility)),

  /** One page of the calls that a query names and the caller may see. */
  list: async (query: PortCallQuery, visibility: Visibility): Promise<Page<PortCall>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'eta' | 'announcedAt'>(query.sort ?? 'eta')
    const { orderBy, where } = keysetOf(keys, cursors.read('port-calls', query), ['eta'])
    const rows = await database.client.portCall.findMany({
      where: { AND: [visibleTo(visibility), filterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('port-calls', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(portCallOf) }
  },

  /**
   * Announces a call, and keeps that it was announced.
   *
   * @throws ProblemError 422 naming every fault, 409 for a scrapped vessel
   */
  announce: async (
    { tx, publish }: Unit<Client>,
    given: Announcement & { agentOrganization: string },
    reporter: Reporter,
  ): Promise<PortCall> => {
    const vessel = await tx.vessel.findUnique({ where: { id: given.vesselId } })
    const faults = [
      ...(vessel ? [] : [{ pointer: '#/vesselId', detail: 'there is no such vessel' }]),
      ...portCallFaults(given),
    ]
    if (!vessel || faults.length > 0) {
      throw new ProblemError(portCallErrors.PORT_CALL_INVALID, { errors: faults })
    }
    if (vessel.state === 'SCRAPPED') throw new ProblemError(vesselErrors.VESSEL_SCRAPPED)
    const row = await tx.portCall.create({
      data: {
        id: uuidv7(),
        vesselId: vessel.id,
        agentOrganization: given.agentOrganization,
        unLocationCode: given.UNLocationCode,
        state: 'ANNOUNCED',
        ...declaredColumns(given),
      },
    })
    await tx.portCallDecision.create({
      data: {
        id: uuidv7(),
        portCallId: row.id,
        action: 'announce',
        fromState: null,
        toState: 'ANNOUNCED',
        source: reporter.source,
        decidedBy: reporter.subject,
        decidedAt: row.announcedAt,
      },
    })
    const call = portCallOf(row)
    publish(
      eventOf(events, 'barcos.port-call.announced', {
        subject: call.id,
        data: {
          portCallId: call.id,
          ...identityOf(vessel),
          agentOrganization: call.agentOrganization,
          UNLocationCode: call.UNLocationCode,
          purposes: call.purposes,
          eta: call.eta,
          etd: call.etd,
          state: call.state,
        },
      }),
    )
    return call
  },

  /**
   * Takes a decision: brings the call into the state that the action leads to and keeps who, when
   * and why.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of; 412; 409 when the
   *   state does not allow it; 422 when what is declared anew breaks a rule
   */
  decide: async ({ tx, sql, publish }: Unit<Client>, given: NewDecision): Promise<PortCall> => {
    const { id, action, redeclared = {}, reason = null, reporter } = given
    await lockCall(sql, id)
    const present = portCallOf(await requireCall(tx, id, given.visibility))
    assertVersion(given.version, present.version)
    const to = requireNextState(present.state, action)
    const faults = portCallFaults({ ...present, ...redeclared })
    if (faults.length > 0) {
      throw new ProblemError(portCallErrors.PORT_CALL_INVALID, { errors: faults })
    }
    const decidedAt = new Date()
    const row = await tx.portCall.update({
      where: { id },
      data: {
        ...declaredColumns(redeclared),
        state: to,
        version: { increment: 1 },
        updatedAt: decidedAt,
      },
      include: { vessel: true },
    })
    await tx.portCallDecision.create({
      data: {
        id: uuidv7(),
        portCallId: id,
        action,
        fromState: present.state,
        toState: to,
        reason,
        source: reporter.source,
        decidedBy: reporter.subject,
        decidedAt,
      },
    })
    const call = portCallOf(row)
    publish(
      eventOf(events, 'barcos.port-call.state-changed', {
        subject: id,
        data: {
          portCallId: id,
          ...identityOf(row.vessel),
          UNLocationCode: call.UNLocationCode,
          eta: call.eta,
          etd: call.etd,
          action,
          from: present.state,
          to,
          reason,
        },
      }),
    )
    return call
  },
})

export type PortCallStore = ReturnType<typeof portCallStore>

/** Holds a call until commit: who decides next sees this change first. */
export const lockCall = (sql: Unit<Client>['sql'], id: string): Promise<unknown> =>
  sql('SELECT 1 FROM port_call WHERE id = $1::uuid FOR UPDATE', [id])

/** @throws ProblemError 404, also for a call that the caller may not know of */
export const requireCall = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<PortCallRow> => {
  const row = await client.portCall.findUnique({ where: { id, ...visibleTo(visibility) } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** The rows of a table of calls that a caller may see. */
export const visibleTo = (visibility: Visibility) =>
  visibility === 'all' ? {} : { agentOrganization: { in: [...visibility] } }

const requireNextState = (state: PortCallState, action: PortCallAction): PortCallState => {
  if (hasEnded(state)) {
    throw new ProblemError(portCallErrors.PORT_CALL_ENDED, { detail: `It is ${state}` })
  }
  const next = nextState(state, action)
  if (next === null) {
    const detail = `It is ${state}, from where "${action}" does not lead on`
    throw new ProblemError(portCallErrors.PORT_CALL_NOT_IN_STATE, { detail })
  }
  return next
}

/** The columns of what is declared; what is not stays as it is. */
const declaredColumns = (given: Redeclared) => ({
  ...(given.purposes === undefined ? {} : { purposes: given.purposes }),
  ...(given.previousPort === undefined ? {} : { previousPort: given.previousPort }),
  ...(given.nextPort === undefined ? {} : { nextPort: given.nextPort }),
  ...(given.eta === undefined ? {} : { eta: new Date(given.eta) }),
  ...(given.etd === undefined ? {} : { etd: new Date(given.etd) }),
  ...(given.declaredArrivalDraft === undefined
    ? {}
    : { declaredArrivalDraft: given.declaredArrivalDraft }),
  ...(given.declaredDepartureDraft === undefined
    ? {}
    : { declaredDepartureDraft: given.declaredDepartureDraft }),
})

const identityOf = (vessel: VesselRow) => ({
  vesselId: vessel.id,
  vesselIMONumber: vessel.imoNumber,
  MMSINumber: vessel.mmsiNumber,
  vesselName: vessel.name,
})

const filterOf = ({ vesselId, UNLocationCode, state, from, to }: PortCallQuery) => ({
  ...(vesselId === undefined ? {} : { vesselId }),
  ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
  ...(state === undefined ? {} : { state }),
  ...(from === undefined && to === undefined
    ? {}
    : {
        eta: {
          ...(from === undefined ? {} : { gte: new Date(from) }),
          ...(to === undefined ? {} : { lt: new Date(to) }),
        },
      }),
})

const portCallOf = (row: PortCallRow): PortCall => ({
  id: row.id,
  vesselId: row.vesselId,
  agentOrganization: row.agentOrganization,
  UNLocationCode: row.unLocationCode,
  purposes: row.purposes as PortCall['purposes'],
  previousPort: row.previousPort,
  nextPort: row.nextPort,
  eta: row.eta?.toISOString() ?? null,
  etd: row.etd?.toISOString() ?? null,
  declaredArrivalDraft: row.declaredArrivalDraft,
  declaredDepartureDraft: row.declaredDepartureDraft,
  state: row.state as PortCallState,
  version: row.version,
  announcedAt: row.announcedAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
