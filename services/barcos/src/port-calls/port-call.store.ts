import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { listed, type Text } from '@porttrack/shared/http/language'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, PortCallRow, VesselRow } from '../database.ts'
import { events } from '../events.ts'
import type { Reporter } from '../reporter.ts'
import { vesselErrors } from '../vessels/vessel.ts'
import {
  amendableStates,
  changesBetween,
  hasEnded,
  portCallErrors,
  portCallFaults,
  type PortCallState,
} from './port-call.ts'
import {
  type Amendment,
  type Announcement,
  declaredOf,
  type PortCall,
  type PortCallQuery,
} from './port-call.schema.ts'
import { sees, type Visibility } from './visibility.ts'

type PortCallStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** An amendment of what is declared of a call, before it is made. */
type NewAmendment = {
  id: string
  /** The version it is meant for. */
  version: number | '*'
  visibility: Visibility
  reporter: Reporter
  amendment: Amendment
}

/** A call's row with what tells its ship apart. */
type CallRow = PortCallRow & { vessel: Pick<VesselRow, 'name' | 'imoNumber' | 'mmsiNumber'> }

/** What a query asks for, so that `portCallOf` has all it needs. */
export const withVessel = {
  vessel: { select: { name: true, imoNumber: true, mmsiNumber: true } },
} as const

/** Port calls and what is declared of them: rows in, `PortCall` out. */
export const portCallStore = ({ database, cursors }: PortCallStoreOptions) => ({
  /** @throws ProblemError 404, also for a call that the caller may not know of */
  find: async (id: string, visibility: Visibility): Promise<PortCall> =>
    portCallOf(await requireCallAndShip(database.client, id, visibility)),

  /** One page of the calls that a query names and the caller may see. */
  list: async (query: PortCallQuery, visibility: Visibility): Promise<Page<PortCall>> => {
    const limit = query.limit ?? 50
    const byDeparture = query.departingFrom !== undefined || query.departingTo !== undefined
    const keys = sortKeysOf<'eta' | 'etd' | 'announcedAt'>(
      query.sort ?? (byDeparture ? 'etd' : 'eta'),
    )
    const { orderBy, where } = keysetOf(keys, cursors.read('port-calls', query), ['eta', 'etd'])
    const rows = await database.client.portCall.findMany({
      where: { AND: [visibleTo(visibility), filterOf(query), where] },
      orderBy,
      take: limit + 1,
      include: withVessel,
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
    const { vesselId, agentOrganization, UNLocationCode, ...declared } = given
    const vessel = await tx.vessel.findUnique({ where: { id: vesselId } })
    const faults = [...(vessel ? [] : [unknownVessel]), ...portCallFaults(given)]
    if (!vessel || faults.length > 0) {
      throw new ProblemError(portCallErrors.PORT_CALL_INVALID, { errors: faults })
    }
    if (vessel.state === 'SCRAPPED') throw new ProblemError(vesselErrors.VESSEL_SCRAPPED)
    const row = await tx.portCall.create({
      data: {
        id: uuidv7(),
        vesselId,
        agentOrganization,
        unLocationCode: UNLocationCode,
        state: 'ANNOUNCED',
        ...columnsOf(declared),
      },
      include: withVessel,
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
    publish(announced(call))
    return call
  },

  /**
   * Amends what is declared of a call: all of it before the ship arrives, and what is still to come
   * until it departs. Keeps what was changed. What changes nothing is no amendment.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of; 412; 409 when the ship
   *   has arrived or departed; 422 naming every fault
   */
  amend: async ({ tx, sql, publish }: Unit<Client>, given: NewAmendment): Promise<PortCall> => {
    const { id, amendment, reporter } = given
    await lockCall(sql, id)
    const row = await requireCallAndShip(tx, id, given.visibility)
    requireOwn(row, given.visibility)
    const present = portCallOf(row)
    assertVersion(given.version, present.version)
    requireState(present.state, amendableStates(Object.keys(amendment)))
    if (row.vessel.state === 'SCRAPPED') throw new ProblemError(vesselErrors.VESSEL_SCRAPPED)
    const faults = portCallFaults({ ...present, ...amendment })
    if (faults.length > 0) {
      throw new ProblemError(portCallErrors.PORT_CALL_INVALID, { errors: faults })
    }
    const changes = changesBetween(
      declaredOf(present),
      declaredOf(portCallOf({ ...row, ...columnsOf(amendment) })),
    )
    if (Object.keys(changes).length === 0) return present
    const amendedAt = new Date()
    const call = portCallOf(
      await tx.portCall.update({
        where: { id },
        data: { ...columnsOf(amendment), version: { increment: 1 }, updatedAt: amendedAt },
        include: withVessel,
      }),
    )
    await tx.portCallDecision.create({
      data: {
        id: uuidv7(),
        portCallId: id,
        action: 'amend',
        fromState: call.state,
        toState: call.state,
        source: reporter.source,
        decidedBy: reporter.subject,
        decidedAt: amendedAt,
        changes,
      },
    })
    publish(
      eventOf(events, 'barcos.port-call.amended', {
        subject: id,
        data: { ...descriptionOf(call), changed: Object.keys(changes) },
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
): Promise<PortCallRow> =>
  found(await client.portCall.findUnique({ where: { id, ...visibleTo(visibility) } }))

/** @throws ProblemError 404, also for a call that the caller may not know of */
export const requireCallAndShip = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<PortCallRow & { vessel: VesselRow }> =>
  found(
    await client.portCall.findUnique({
      where: { id, ...visibleTo(visibility) },
      include: { vessel: true },
    }),
  )

type Parties = Pick<
  PortCallRow,
  'agentOrganization' | 'carrierOrganization' | 'terminalOrganization'
>

/** The organisations whose call it is, as its events name them. */
export const callParties = (call: Parties): Parties => ({
  agentOrganization: call.agentOrganization,
  carrierOrganization: call.carrierOrganization,
  terminalOrganization: call.terminalOrganization,
})

/** The organisations whose call it is, by the call's id. */
export const partiesOfCall = (client: Client, id: string): Promise<Parties> =>
  client.portCall.findUniqueOrThrow({
    where: { id },
    select: { agentOrganization: true, carrierOrganization: true, terminalOrganization: true },
  })

/** Reads with a call how its ship departed. */
export const withDeparture = {
  decisions: {
    where: { action: 'depart' },
    orderBy: { decidedAt: 'desc' },
    take: 1,
    select: { occurredAt: true, decidedAt: true },
  },
} as const

/** When the ship of a call that is DEPARTED did so, as far as that was said; else when it was decided. */
export const departedAtOf = ({
  state,
  decisions: [departure],
}: {
  state: string
  decisions: readonly { occurredAt: Date | null; decidedAt: Date }[]
}): Date | null =>
  state === 'DEPARTED' && departure ? (departure.occurredAt ?? departure.decidedAt) : null

/** The rows of a table of calls that a caller may see: its own, and those that it has an order on. */
export const visibleTo = (visibility: Visibility) =>
  visibility === 'all' ? {} : { knownTo: { hasSome: [...visibility] } }

/** @throws ProblemError 403 for a call that the caller may see without being its agent */
export const requireOwn = (
  { agentOrganization }: Pick<PortCallRow, 'agentOrganization'>,
  visibility: Visibility,
): void => {
  if (sees(visibility, agentOrganization)) return
  throw new ProblemError(kitErrors.FORBIDDEN, {
    detail: {
      en: 'This is for the agent of the call',
      es: 'Corresponde al consignatario de la escala',
    },
  })
}

/** @throws ProblemError 409 for a call that has ended */
export const requireRunning = ({ state }: { state: string }): void => {
  if (!hasEnded(state as PortCallState)) return
  throw new ProblemError(portCallErrors.PORT_CALL_ENDED, { detail: inState(state) })
}

/** @throws ProblemError 409 for a call that has ended, or is in none of `states` */
export const requireState = (state: PortCallState, states: readonly PortCallState[]): void => {
  requireRunning({ state })
  if (states.includes(state)) return
  const needed = listed(states, 'or')
  const detail = {
    en: `It is ${state}, while this needs ${needed.en}`,
    es: `Está en ${state} y esto exige ${needed.es}`,
  }
  throw new ProblemError(portCallErrors.PORT_CALL_NOT_IN_STATE, { detail })
}

/** Says which state a call is in. */
export const inState = (state: string): Text => ({
  en: `It is ${state}`,
  es: `Está en ${state}`,
})

const found = <R>(row: R | null): R => {
  if (row === null) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

const unknownVessel: Fault = {
  pointer: '#/vesselId',
  detail: { en: 'there is no such vessel', es: 'no existe tal buque' },
}

/** The columns of what is declared; what is not stays as it is. */
export const columnsOf = ({ eta, etd, ...rest }: Amendment) => ({
  ...rest,
  ...(eta === undefined ? {} : { eta: eta === null ? null : new Date(eta) }),
  ...(etd === undefined ? {} : { etd: etd === null ? null : new Date(etd) }),
})

/** What tells the ship of a call apart, as events name it. */
export const shipOf = ({ vesselId, vessel }: PortCall) => ({
  vesselId,
  vesselIMONumber: vessel.vesselIMONumber,
  MMSINumber: vessel.MMSINumber,
  vesselName: vessel.name,
})

/** A whole call as events tell it. */
const descriptionOf = (call: PortCall) => ({
  portCallId: call.id,
  ...shipOf(call),
  agentOrganization: call.agentOrganization,
  UNLocationCode: call.UNLocationCode,
  ...declaredOf(call),
  state: call.state,
})

/** Tells of a new call. */
export const announced = (call: PortCall) =>
  eventOf(events, 'barcos.port-call.announced', { subject: call.id, data: descriptionOf(call) })

const within = (from: string | undefined, to: string | undefined) =>
  from === undefined && to === undefined
    ? null
    : {
        ...(from === undefined ? {} : { gte: new Date(from) }),
        ...(to === undefined ? {} : { lt: new Date(to) }),
      }

const filterOf = (query: PortCallQuery) => {
  const { vesselId, agentOrganization, UNLocationCode, portVisitReference, state } = query
  const eta = within(query.from, query.to)
  const etd = within(query.departingFrom, query.departingTo)
  return {
    ...(vesselId === undefined ? {} : { vesselId }),
    ...(agentOrganization === undefined ? {} : { agentOrganization }),
    ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
    ...(portVisitReference === undefined ? {} : { portVisitReference }),
    ...(state === undefined ? {} : { state: { in: state } }),
    ...(eta === null ? {} : { eta }),
    ...(etd === null ? {} : { etd }),
  }
}

/** A call as it is answered. */
export const portCallOf = (row: CallRow): PortCall => ({
  id: row.id,
  vesselId: row.vesselId,
  vessel: {
    name: row.vessel.name,
    vesselIMONumber: row.vessel.imoNumber,
    MMSINumber: row.vessel.mmsiNumber,
  },
  agentOrganization: row.agentOrganization,
  UNLocationCode: row.unLocationCode,
  purposes: row.purposes as PortCall['purposes'],
  carrierOrganization: row.carrierOrganization,
  terminalOrganization: row.terminalOrganization,
  previousPort: row.previousPort,
  nextPort: row.nextPort,
  eta: row.eta?.toISOString() ?? null,
  etd: row.etd?.toISOString() ?? null,
  declaredArrivalDraft: row.declaredArrivalDraft,
  declaredDepartureDraft: row.declaredDepartureDraft,
  portVisitReference: row.portVisitReference,
  carrierServiceCode: row.carrierServiceCode,
  carrierServiceName: row.carrierServiceName,
  universalServiceReference: row.universalServiceReference,
  carrierImportVoyageNumber: row.carrierImportVoyageNumber,
  carrierExportVoyageNumber: row.carrierExportVoyageNumber,
  universalImportVoyageReference: row.universalImportVoyageReference,
  universalExportVoyageReference: row.universalExportVoyageReference,
  state: row.state as PortCallState,
  departureAuthorizedAt: row.departureAuthorizedAt?.toISOString() ?? null,
  version: row.version,
  announcedAt: row.announcedAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
