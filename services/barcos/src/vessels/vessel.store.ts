import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Text } from '@porttrack/shared/http/language'
import type { Cursors, Page, Position } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, VesselRow } from '../database.ts'
import { events } from '../events.ts'
import { inPort } from '../port-calls/port-call.ts'
import type { Reporter } from '../reporter.ts'
import { withdrawDeparturesOf } from '../clearances/departure.store.ts'
import { readCallSign } from './call-sign.ts'
import { readImoNumber } from './imo-number.ts'
import {
  identityWarnings,
  nameKeyOf,
  readIdentity,
  stateFaults,
  type VesselAction,
  vesselErrors,
  type VesselIdentity,
  vesselLifecycle,
  type VesselState,
} from './vessel.ts'
import { recordedOf, type RecordedProperty } from './vessel-record.ts'
import { historyPage, keepChanges } from './vessel-record.store.ts'
import {
  type NewVessel,
  type Vessel,
  VesselChange,
  type VesselQuery,
  type VesselRecord,
  type VesselRecordQuery,
} from './vessel.schema.ts'

type VesselStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** Vessels: rows in, `Vessel` out. */
export const vesselStore = ({ database, cursors }: VesselStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async (id: string): Promise<Vessel> => vesselOf(await requireRow(database.client, id)),

  /** One page of the vessels that a query names. */
  list: async (query: VesselQuery): Promise<Page<Vessel>> => {
    const keys = keysOf(query)
    const found = await search(database.client, query, {
      position: cursors.read('vessels', query),
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page('vessels', query, { found, positionOf: positionIn(keys) })
    const former = await formerValues(database.client, query, page.items)
    return {
      ...page,
      items: page.items.map((row) => ({
        ...vesselOf(row),
        ...(former === null ? {} : { former: former.get(row.id) ?? [] }),
      })),
    }
  },

  /** Every vessel that a query names, whatever its `limit` and `cursor`, some at a time. */
  all: async function* (query: VesselQuery): AsyncGenerator<Vessel> {
    const positionOf = positionIn(keysOf(query))
    let position: Position | null = null
    for (;;) {
      const rows: VesselRow[] = await search(database.client, query, { position, take: 500 })
      for (const row of rows) yield vesselOf(row)
      const last = rows.at(-1)
      if (last === undefined) return
      position = positionOf(last)
    }
  },

  /** @throws ProblemError 404 */
  history: async (id: string, query: VesselRecordQuery): Promise<Page<VesselRecord>> => {
    await requireRow(database.client, id)
    return historyPage({ database, cursors }, id, query)
  },

  /**
   * Registers a vessel.
   *
   * @throws ProblemError 422 naming every fault, 409 naming the vessel that has the identity already
   */
  register: async (unit: Unit<Client>, given: NewVessel, reporter: Reporter): Promise<Vessel> => {
    const { tx } = unit
    const { row, faults } = newRowOf(given, new Date())
    if (faults.length > 0) throw new ProblemError(vesselErrors.VESSEL_INVALID, { errors: faults })
    // Leaves the transaction usable where another has the identity, so that it can be named.
    const { count } = await tx.vessel.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw new ProblemError(vesselErrors.VESSEL_EXISTS, await takenBy(tx, row))
    await announceVessels(unit, [{ row, given }], reporter)
    return vesselOf(row)
  },

  /**
   * Replaces a vessel's particulars.
   *
   * @param change.version the version it is meant for
   * @throws ProblemError 404, 412, 422 naming every fault, 409 for a scrapped vessel, another IMO
   *   number or an identity that another vessel has
   */
  replace: async (
    unit: Unit<Client>,
    { id, version, given, reporter }: Aim & { given: VesselChange },
  ): Promise<Vessel> => {
    const { tx } = unit
    const present = await lockVessel(unit, { id, version })
    const known = present.imoNumber === null ? {} : { vesselIMONumber: present.imoNumber }
    const identity = requireIdentity({ ...known, ...given })
    if (present.imoNumber !== null && identity.vesselIMONumber !== present.imoNumber) {
      throw new ProblemError(vesselErrors.VESSEL_IMO_NUMBER_FIXED, {
        errors: [
          {
            pointer: '#/vesselIMONumber',
            detail: {
              en: `is ${present.imoNumber} for good`,
              es: `es ${present.imoNumber} para siempre`,
            },
          },
        ],
      })
    }
    const data = columnsOf(given, identity)
    const taken = await takenBy(tx, { id, ...data })
    if (taken.errors.length > 0) throw new ProblemError(vesselErrors.VESSEL_EXISTS, taken)
    let row: VesselRow
    try {
      row = await tx.vessel.update({ where: { id }, data: { ...data, ...nextVersion(present) } })
    } catch (error) {
      if (violatedConstraint(error) === null) throw error
      // Taken meanwhile; this transaction can ask no more, another connection can.
      const { errors } = await takenBy(database.client, { id, ...data })
      throw new ProblemError(vesselErrors.VESSEL_EXISTS, { errors, cause: error })
    }
    return changed(unit, { before: vesselOf(present), after: vesselOf(row), reporter })
  },

  /**
   * Brings a vessel into another state.
   *
   * @throws ProblemError 404, 412, 409 when the present state does not allow the action
   */
  changeState: async (
    unit: Unit<Client>,
    {
      id,
      version,
      reporter,
      action,
      reason,
    }: Aim & { action: VesselAction; reason?: string | undefined },
  ): Promise<Vessel> => {
    const present = await lockVessel(unit, { id, version })
    const state = requireNextState(present.state as VesselState, action)
    if (state === 'SCRAPPED') await refuseInPort(unit, id)
    const row = await unit.tx.vessel.update({
      where: { id },
      data: { state, ...nextVersion(present) },
    })
    if (mayNotLeave.has(state)) await withdrawDeparturesOf(unit, row, reporter)
    const before = vesselOf(present)
    return changed(unit, { before, after: vesselOf(row), reporter, reason })
  },
})

export type VesselStore = ReturnType<typeof vesselStore>

/** Which vessel a change is for, at which version, and who makes it. */
type Aim = { id: string; version: number | '*'; reporter: Reporter }

/** The clocks of replicas differ, but a vessel's changes follow each other. */
const nextVersion = ({ updatedAt }: VesselRow) => ({
  version: { increment: 1 },
  updatedAt: new Date(Math.max(Date.now(), updatedAt.getTime())),
})

/**
 * Holds a vessel until commit: who changes it next sees this change first.
 *
 * @throws ProblemError 404, 412, 409 for a scrapped vessel
 */
export const lockVessel = async (
  { tx, sql }: Unit<Client>,
  { id, version }: Pick<Aim, 'id' | 'version'>,
): Promise<VesselRow> => {
  await sql('SELECT 1 FROM vessel WHERE id = $1::uuid FOR UPDATE', [id])
  const row = await requireRow(tx, id)
  assertVersion(version, row.version)
  if (row.state === 'SCRAPPED') throw new ProblemError(vesselErrors.VESSEL_SCRAPPED)
  return row
}

/** States in which an authorised departure no longer holds. */
const mayNotLeave: ReadonlySet<VesselState> = new Set(['DETAINED', 'SCRAPPED'])

const requireNextState = (state: VesselState, action: VesselAction): VesselState => {
  const next = vesselLifecycle.nextState(state, action)
  if (next !== null) return next
  throw new ProblemError(vesselErrors.VESSEL_NOT_IN_STATE, {
    detail: {
      en: `It is ${state}, from where "${action}" does not lead on`,
      es: `Está en ${state}, desde donde «${action}» no lleva a otro estado`,
    },
  })
}

/**
 * A scrapped vessel takes no step any more: one that is in port would never leave it.
 *
 * @throws ProblemError 409 naming the calls
 */
const refuseInPort = async ({ tx, sql }: Unit<Client>, vesselId: string): Promise<void> => {
  // Held, so that none of them arrives meanwhile.
  await sql(
    `SELECT 1 FROM port_call WHERE vessel_id = $1::uuid AND state = ANY ($2)
     ORDER BY id FOR UPDATE`,
    [vesselId, ['APPROVED', ...inPort]],
  )
  const calls = await tx.portCall.findMany({
    where: { vesselId, state: { in: [...inPort] } },
    select: { id: true, unLocationCode: true, state: true },
    orderBy: { id: 'asc' },
  })
  if (calls.length === 0) return
  throw new ProblemError(vesselErrors.VESSEL_IN_PORT, {
    errors: calls.map(({ id, unLocationCode, state }) => ({
      pointer: '#',
      detail: {
        en: `its call at ${unLocationCode} is ${state}`,
        es: `su escala en ${unLocationCode} está en ${state}`,
      },
      conflictsWith: { portCallId: id },
    })),
  })
}

/** Keeps and tells what has changed about a vessel. */
const changed = async (
  unit: Unit<Client>,
  given: { before: Vessel; after: Vessel; reporter: Reporter; reason?: string | undefined },
): Promise<Vessel> => {
  const { before, after, reporter, reason } = given
  const [was, is] = [recordedOf(before), recordedOf(after)]
  const [at, registeredAt] = [new Date(after.updatedAt), new Date(after.registeredAt)]
  const change = { vesselId: after.id, before: was, after: is, at, registeredAt, reporter, reason }
  await keepChanges(unit, [change])
  const differing = changeable.filter((name) => before[name] !== after[name])
  if (differing.length > 0) {
    const data = { ...shipOf(after), changed: differing }
    unit.publish(eventOf(events, 'barcos.vessel.changed', { subject: after.id, data }))
  }
  return after
}

/** What a change of a vessel may be about. */
const changeable = [
  ...(Object.keys(VesselChange.properties) as (keyof VesselChange)[]),
  'state',
] as const

/** A vessel that is about to be registered, as a row and as it was given. */
export type Registration = { row: VesselRow; given: NewVessel }

/** The row of a vessel to be registered at a time, and everything wrong with it. */
export const newRowOf = (given: NewVessel, at: Date): { row: VesselRow; faults: Fault[] } => {
  const { identity, faults } = readIdentity(given)
  const row = {
    id: uuidv7(),
    ...columnsOf(given, identity),
    state: given.state ?? 'ACTIVE',
    version: 1,
    registeredAt: at,
    updatedAt: at,
  }
  return { row, faults: [...faults, ...stateFaults(given)] }
}

/** Keeps and tells that vessels are new. */
export const announceVessels = async (
  unit: Unit<Client>,
  registrations: readonly Registration[],
  reporter: Reporter,
): Promise<void> => {
  await keepChanges(
    unit,
    registrations.map(({ row, given }) => ({
      vesselId: row.id,
      before: null,
      after: recordedOf(vesselOf(row)),
      at: row.registeredAt,
      registeredAt: row.registeredAt,
      reporter,
      reason: given.stateReason,
    })),
  )
  for (const { row } of registrations) {
    const data = shipOf(vesselOf(row))
    unit.publish(eventOf(events, 'barcos.vessel.registered', { subject: row.id, data }))
  }
}

/** What other systems are told of a ship. */
const shipOf = (vessel: Vessel) => ({
  vesselId: vessel.id,
  vesselIMONumber: vessel.vesselIMONumber,
  MMSINumber: vessel.MMSINumber,
  vesselName: vessel.name,
  callSign: vessel.callSign,
  flag: vessel.flag,
  type: vessel.type,
  state: vessel.state,
})

const keysOf = ({ sort = 'name' }: VesselQuery) =>
  sortKeysOf<keyof typeof columns>(sort).map((key) => ({ ...key, field: columns[key.field] }))

const search = (
  client: Client,
  query: VesselQuery,
  { position, take }: { position: Position | null; take: number },
): Promise<VesselRow[]> => {
  const { orderBy, where } = keysetOf(keysOf(query), position, ['imoNumber'])
  return client.vessel.findMany({ where: { AND: [filterOf(query), where] }, orderBy, take })
}

/** The column that each sort key stands for. */
const columns = { name: 'nameKey', vesselIMONumber: 'imoNumber', id: 'id' } as const

const requireRow = async (client: Client, id: string): Promise<VesselRow> => {
  const row = await client.vessel.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

const requireIdentity = (given: Parameters<typeof readIdentity>[0]): VesselIdentity => {
  const { identity, faults } = readIdentity(given)
  if (faults.length > 0) throw new ProblemError(vesselErrors.VESSEL_INVALID, { errors: faults })
  return identity
}

/** The columns of what a caller says of a vessel. */
const columnsOf = (given: NewVessel | VesselChange, identity: VesselIdentity) => ({
  imoNumber: identity.vesselIMONumber,
  mmsiNumber: identity.MMSINumber,
  callSign: identity.callSign,
  flag: identity.flag,
  name: given.name,
  nameKey: nameKeyOf(given.name),
  type: given.type ?? null,
  lengthOverall: given.lengthOverall ?? null,
  beam: given.beam ?? null,
  maximumDraft: given.maximumDraft ?? null,
  airDraft: given.airDraft ?? null,
  grossTonnage: given.grossTonnage ?? null,
  deadweight: given.deadweight ?? null,
  capacityTeu: given.capacityTEU ?? null,
})

/** Whose an identifier is. */
export const belongsTo = (id: string): Text => ({
  en: `belongs to vessel ${id}`,
  es: `es del buque ${id}`,
})

type Identified = Pick<VesselRow, 'id' | 'imoNumber' | 'mmsiNumber'>

/** Names the other vessels that have a vessel's identifiers. */
const takenBy = async (
  client: Client,
  { id, imoNumber, mmsiNumber }: Identified,
): Promise<{ errors: Fault[] }> => {
  const others = await client.vessel.findMany({
    where: {
      id: { not: id },
      OR: [
        ...(imoNumber === null ? [] : [{ imoNumber }]),
        ...(mmsiNumber === null ? [] : [{ mmsiNumber }]),
      ],
    },
    select: { id: true, imoNumber: true, mmsiNumber: true },
  })
  return {
    errors: others.flatMap((other) => [
      ...(imoNumber !== null && other.imoNumber === imoNumber
        ? [{ pointer: '#/vesselIMONumber', detail: belongsTo(other.id) }]
        : []),
      ...(mmsiNumber !== null && other.mmsiNumber === mmsiNumber
        ? [{ pointer: '#/MMSINumber', detail: belongsTo(other.id) }]
        : []),
    ]),
  }
}

const filterOf = (query: VesselQuery) => ({
  ...(query.vesselIMONumber === undefined
    ? {}
    : { imoNumber: storedForm(readImoNumber(query.vesselIMONumber)) }),
  ...(query.flag === undefined ? {} : { flag: query.flag }),
  ...(query.type === undefined ? {} : { type: query.type }),
  ...(query.state === undefined ? {} : { state: query.state }),
  // What ships have at present is recorded too, so that one index finds both.
  AND: searchedValues(query).map(({ property, column, key }) =>
    query.former === true ? { records: { some: { property, valueKey: key } } } : { [column]: key },
  ),
})

type SearchedValue = {
  property: RecordedProperty
  column: 'nameKey' | 'callSign' | 'mmsiNumber'
  key: string | ReturnType<typeof beginningWith>
}

/** What a query asks of values that ships have, and may have had. */
const searchedValues = ({ name, callSign, MMSINumber }: VesselQuery): SearchedValue[] => {
  const values: SearchedValue[] = []
  if (name !== undefined) {
    values.push({ property: 'name', column: 'nameKey', key: beginningWith(nameKeyOf(name)) })
  }
  if (callSign !== undefined) {
    const key = storedForm(readCallSign(callSign))
    values.push({ property: 'callSign', column: 'callSign', key })
  }
  if (MMSINumber !== undefined) {
    values.push({ property: 'MMSINumber', column: 'mmsiNumber', key: MMSINumber })
  }
  return values
}

type FormerValues = NonNullable<Vessel['former']>

/** What ships had before that a query finds them by; null where it does not ask for that. */
const formerValues = async (
  client: Client,
  query: VesselQuery,
  rows: readonly VesselRow[],
): Promise<Map<string, FormerValues> | null> => {
  const values = searchedValues(query)
  if (query.former !== true || values.length === 0) return null
  const records = await client.vesselRecord.findMany({
    where: {
      vesselId: { in: rows.map(({ id }) => id) },
      validTo: { not: null },
      OR: values.map(({ property, key }) => ({ property, valueKey: key })),
    },
    orderBy: [{ validTo: 'desc' }, { id: 'desc' }],
  })
  const former = new Map<string, FormerValues>()
  for (const { vesselId, property, value, validTo } of records) {
    const known = former.get(vesselId) ?? []
    former.set(vesselId, known)
    if (validTo === null) continue
    known.push({ property: property as RecordedProperty, value, validTo: validTo.toISOString() })
  }
  return former
}

/** What no stored identifier equals stands for one that cannot be stored. */
const storedForm = (reading: ReturnType<typeof readImoNumber>): string =>
  'value' in reading ? reading.value : ''

/** A range, since Prisma leaves `%` and `_` in a `startsWith` as wildcards. */
const beginningWith = (key: string) => ({ gte: key, lt: `${key}\u{10FFFF}` })

/** A vessel as it is given out. */
const vesselOf = (row: VesselRow): Vessel => {
  const identity = {
    vesselIMONumber: row.imoNumber,
    MMSINumber: row.mmsiNumber,
    callSign: row.callSign,
    flag: row.flag,
  }
  return {
    id: row.id,
    ...identity,
    name: row.name,
    type: row.type as Vessel['type'],
    lengthOverall: row.lengthOverall,
    beam: row.beam,
    maximumDraft: row.maximumDraft,
    airDraft: row.airDraft,
    grossTonnage: row.grossTonnage,
    deadweight: row.deadweight,
    capacityTEU: row.capacityTeu,
    state: row.state as Vessel['state'],
    version: row.version,
    registeredAt: row.registeredAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    warnings: identityWarnings(identity),
  }
}
