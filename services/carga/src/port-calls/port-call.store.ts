import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { type Knowledge, knowledgeOf } from '@porttrack/shared/events/knowledge'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import type { CargaDatabase, Client, PortCallRow } from '../database.ts'
import type { Visibility } from '../visibility.ts'
import type { PortCall, PortCallQuery } from './port-call.schema.ts'

type PortCallStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** What is known of port calls. */
export const portCallStore = ({ database, cursors }: PortCallStoreOptions) => ({
  /** @throws ProblemError 404, also for a call that the caller may not know of */
  find: async (id: string, visibility: Visibility): Promise<PortCall> => {
    const [row, knowledge] = await Promise.all([
      requireCall(database.client, id, visibility),
      knowledgeOf(database.sql, 'barcos'),
    ])
    return portCallOf(row, knowledge)
  },

  /** One page of the calls that a query names and the caller may see, those told of last first. */
  list: async (query: PortCallQuery, visibility: Visibility): Promise<Page<PortCall>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'toldAt'>('-toldAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('port-calls', query))
    const { state, UNLocationCode } = query
    const [rows, knowledge] = await Promise.all([
      database.client.portCall.findMany({
        where: {
          AND: [
            {
              ...(state === undefined ? {} : { state }),
              ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
            },
            callsSeenBy(visibility),
            where,
          ],
        },
        orderBy,
        take: limit + 1,
      }),
      knowledgeOf(database.sql, 'barcos'),
    ])
    return cursors.page('port-calls', query, {
      found: rows.map((row) => portCallOf(row, knowledge)),
      positionOf: positionIn(keys),
    })
  },
})

export type PortCallStore = ReturnType<typeof portCallStore>

/** What barcos tells of a call, whatever the event. */
export type ToldCall = {
  id: string
  unLocationCode: string
  state: string
  vesselName: string
  vesselImoNumber: string | null
  agentOrganization: string
  carrierOrganization: string | null
  terminalOrganization: string | null
  eta: Date | null
  etd: Date | null
  /** Undefined where the event does not say. */
  portVisitReference?: string | null
  toldAt: Date
}

/** Keeps what barcos tells of a call, unless something later is known already. */
export const keepCall = async ({ tx }: Unit<Client>, told: ToldCall): Promise<void> => {
  const { id, ...columns } = told
  const { count } = await tx.portCall.createMany({ data: [told], skipDuplicates: true })
  if (count > 0) return
  await tx.portCall.updateMany({ where: { id, toldAt: { lte: told.toldAt } }, data: columns })
}

/** @throws ProblemError 404, also for a call that the caller may not know of */
export const requireCall = async (
  client: Client,
  id: string,
  visibility: Visibility,
): Promise<PortCallRow> => {
  const row = await client.portCall.findUnique({ where: { id } })
  const parties = row && [row.agentOrganization, row.carrierOrganization, row.terminalOrganization]
  const known =
    parties &&
    (visibility === 'all' || parties.some((each) => each !== null && visibility.includes(each)))
  if (!known) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** The calls that a caller may know of. */
const callsSeenBy = (visibility: Visibility) => {
  if (visibility === 'all') return {}
  const own = { in: [...visibility] }
  return {
    OR: [{ agentOrganization: own }, { carrierOrganization: own }, { terminalOrganization: own }],
  }
}

const portCallOf = (row: PortCallRow, knowledge: Knowledge): PortCall => ({
  id: row.id,
  UNLocationCode: row.unLocationCode,
  state: row.state,
  vesselName: row.vesselName,
  vesselIMONumber: row.vesselImoNumber,
  agentOrganization: row.agentOrganization,
  carrierOrganization: row.carrierOrganization,
  terminalOrganization: row.terminalOrganization,
  portVisitReference: row.portVisitReference,
  eta: row.eta?.toISOString() ?? null,
  etd: row.etd?.toISOString() ?? null,
  toldAt: row.toldAt.toISOString(),
  knowledge,
  version: row.version,
})
