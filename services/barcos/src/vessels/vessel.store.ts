import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, VesselRow } from '../database.ts'
import { readCallSign } from './call-sign.ts'
import { readImoNumber } from './imo-number.ts'
import {
  identityWarnings,
  nameKeyOf,
  readIdentity,
  vesselErrors,
  type VesselIdentity,
} from './vessel.ts'
import type { NewVessel, Vessel, VesselChange, VesselQuery } from './vessel.schema.ts'

type VesselStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** Vessels: rows in, `Vessel` out. */
export const vesselStore = ({ database, cursors }: VesselStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async (id: string): Promise<Vessel> => vesselOf(await requireRow(database.client, id)),

  /** One page of the vessels that a query names. */
  list: async (query: VesselQuery): Promise<Page<Vessel>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<keyof typeof columns>(query.sort ?? 'name').map((key) => ({
      ...key,
      field: columns[key.field],
    }))
    const { orderBy, where } = keysetOf(keys, cursors.read('vessels', query), ['imoNumber'])
    const rows = await database.client.vessel.findMany({
      where: { AND: [filterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('vessels', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(vesselOf) }
  },

  /**
   * Registers a vessel.
   *
   * @throws ProblemError 422 naming every fault, 409 naming the vessel that has the identity already
   */
  register: async ({ tx }: Unit<Client>, given: NewVessel): Promise<Vessel> => {
    const identity = requireIdentity(given)
    const row = { id: uuidv7(), state: given.state ?? 'ACTIVE', ...columnsOf(given, identity) }
    // Leaves the transaction usable where another has the identity, so that it can be named.
    const { count } = await tx.vessel.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw new ProblemError(vesselErrors.VESSEL_EXISTS, await takenBy(tx, row))
    return vesselOf(await requireRow(tx, row.id))
  },

  /**
   * Replaces a vessel's particulars.
   *
   * @param change.version the version it is meant for
   * @throws ProblemError 404, 412, 422 naming every fault, 409 for a scrapped vessel, another IMO
   *   number or an identity that another vessel has
   */
  replace: async (
    { tx, sql }: Unit<Client>,
    { id, version, given }: { id: string; version: number | '*'; given: VesselChange },
  ): Promise<Vessel> => {
    // Held until commit: who changes the vessel next sees this change first.
    await sql('SELECT 1 FROM vessel WHERE id = $1::uuid FOR UPDATE', [id])
    const present = await requireRow(tx, id)
    assertVersion(version, present.version)
    if (present.state === 'SCRAPPED') throw new ProblemError(vesselErrors.VESSEL_SCRAPPED)
    const known = present.imoNumber === null ? {} : { vesselIMONumber: present.imoNumber }
    const identity = requireIdentity({ ...known, ...given })
    if (present.imoNumber !== null && identity.vesselIMONumber !== present.imoNumber) {
      throw new ProblemError(vesselErrors.VESSEL_IMO_NUMBER_FIXED, {
        errors: [{ pointer: '#/vesselIMONumber', detail: `is ${present.imoNumber} for good` }],
      })
    }
    const data = columnsOf(given, identity)
    const taken = await takenBy(tx, { id, ...data })
    if (taken.errors.length > 0) throw new ProblemError(vesselErrors.VESSEL_EXISTS, taken)
    try {
      const row = await tx.vessel.update({
        where: { id },
        data: {
          ...data,
          state: given.state ?? present.state,
          version: { increment: 1 },
          updatedAt: new Date(),
        },
      })
      return vesselOf(row)
    } catch (error) {
      if (violatedConstraint(error) === null) throw error
      // Taken meanwhile; this transaction can ask no more, another connection can.
      const { errors } = await takenBy(database.client, { id, ...data })
      throw new ProblemError(vesselErrors.VESSEL_EXISTS, { errors, cause: error })
    }
  },
})

export type VesselStore = ReturnType<typeof vesselStore>

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
        ? [{ pointer: '#/vesselIMONumber', detail: `belongs to vessel ${other.id}` }]
        : []),
      ...(mmsiNumber !== null && other.mmsiNumber === mmsiNumber
        ? [{ pointer: '#/MMSINumber', detail: `belongs to vessel ${other.id}` }]
        : []),
    ]),
  }
}

const filterOf = ({ vesselIMONumber, MMSINumber, callSign, name }: VesselQuery) => ({
  ...(vesselIMONumber === undefined
    ? {}
    : { imoNumber: storedForm(readImoNumber(vesselIMONumber)) }),
  ...(MMSINumber === undefined ? {} : { mmsiNumber: MMSINumber }),
  ...(callSign === undefined ? {} : { callSign: storedForm(readCallSign(callSign)) }),
  ...(name === undefined ? {} : { nameKey: beginningWith(nameKeyOf(name)) }),
})

/** What no stored identifier equals stands for one that cannot be stored. */
const storedForm = (reading: ReturnType<typeof readImoNumber>): string =>
  'value' in reading ? reading.value : ''

/** A range, since Prisma leaves `%` and `_` in a `startsWith` as wildcards. */
const beginningWith = (key: string) => ({ gte: key, lt: `${key}\u{10FFFF}` })

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
