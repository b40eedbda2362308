import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { knowledgeOf } from '@porttrack/shared/events/knowledge'
import { type CsvColumn, csvStream, inCell, tableFaults } from '@porttrack/shared/http/csv'
import { csvImport } from '@porttrack/shared/http/csv-import'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { csvAnswer, fileAnswer, fileBody } from '@porttrack/shared/http/file-content'
import { write } from '@porttrack/shared/http/idempotency'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { PageOf } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { CargaDatabase, PortCallRow } from '../database.ts'
import { PortCallParams } from '../port-calls/port-call.schema.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { visibilityOf } from '../visibility.ts'
import {
  type CargoListItem,
  cargoListErrors,
  cargoListItemFaults,
  type CargoListKind,
  mostItems,
} from './cargo-list.ts'
import {
  type CargoListEntry,
  type CargoListLine,
  CargoListLine as Line,
  CargoListQuery,
  ImportedList,
} from './cargo-list.schema.ts'
import { type CargoListStore, progressOfLists, replaceList } from './cargo-list.store.ts'
import { readCargoMessage, writeBaplie, writeCoprar } from './edifact-message.ts'

type CargoListRouteOptions = { database: CargaDatabase; lists: CargoListStore; list: CargoListKind }

const tags = ['load and discharge lists']

const nameOf: Readonly<Record<CargoListKind, string>> = { LOAD: 'Load', DISCHARGE: 'Discharge' }

const columns = [
  'equipmentReference',
  'ISOEquipmentCode',
  'isEmpty',
  'grossWeight',
  'portOfLoading',
  'portOfDischarge',
  'bay',
  'row',
  'tier',
  'internalSetpointTemperature',
] as const satisfies (keyof CargoListLine)[]

/** The columns that an import takes, in the order of an export. */
const table: readonly CsvColumn<CargoListEntry>[] = columns.map((name) => ({
  name,
  value: (entry) => entry[name],
}))

const itemOf = (line: CargoListLine): CargoListItem => ({
  ...line,
  grossWeight: line.grossWeight ?? null,
  portOfLoading: line.portOfLoading ?? null,
  portOfDischarge: line.portOfDischarge ?? null,
  bay: line.bay ?? null,
  row: line.row ?? null,
  tier: line.tier ?? null,
  internalSetpointTemperature: line.internalSetpointTemperature ?? null,
})

/** Containers that are there more than once, and lists that are too long, beside each one's faults. */
const faultsOfList = (
  rows: readonly { row: number; item: CargoListItem }[],
): { row: number; fault: Fault }[] => {
  const first = new Map<string, number>()
  const found = rows.flatMap(({ row, item }) => {
    const faults = cargoListItemFaults(item)
    const other = first.get(item.equipmentReference)
    if (other === undefined) first.set(item.equipmentReference, row)
    else {
      faults.push({
        pointer: '#/equipmentReference',
        detail: { en: `is that of line ${other}`, es: `es el de la línea ${other}` },
      })
    }
    return faults.map((fault) => ({ row, fault }))
  })
  if (rows.length <= mostItems) return found
  const detail = {
    en: `has ${rows.length} containers, of which ${mostItems} are taken`,
    es: `tiene ${rows.length} contenedores, de los que se admiten ${mostItems}`,
  }
  return [{ row: 1, fault: { pointer: '#', detail } }, ...found]
}

const refuse = (faults: readonly Fault[]): void => {
  if (faults.length === 0) return
  throw new ProblemError(cargoListErrors.CARGO_LIST_NOT_IMPORTED, tableFaults(faults))
}

const edifact = 'application/edifact'

export const cargoListRoutes: FastifyPluginAsyncTypebox<CargoListRouteOptions> = async (
  app,
  { database, lists, list },
) => {
  const name = nameOf[list]

  app.get(
    '',
    {
      config: access.permit('cargo-list:read'),
      schema: {
        operationId: `get${name}List`,
        summary: `The ${name.toLowerCase()} list of a port call`,
        description:
          'JSON a page at a time; with `Accept: text/csv` the whole list as a table that can be imported, with `Accept: application/edifact` as an order (COPRAR D.00B).',
        tags,
        params: PortCallParams,
        querystring: CargoListQuery,
        response: {
          200: {
            description: 'JSON, CSV or UN/EDIFACT',
            content: {
              'application/json': {
                schema: PageOf(Type.Ref('CargoListEntry')),
              },
              'text/csv': { schema: csvAnswer(table) },
              [edifact]: { schema: fileAnswer('edifact') },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { params, query, caller } = request
      const visibility = visibilityOf(caller, 'cargo-list:read')
      const call = await requireCall(database.client, params.id, visibility)
      const of = { portCallId: call.id, list }
      const type = mediaTypeFor(request, ['application/json', 'text/csv', edifact])
      reply.header('vary', 'accept')
      if (type === 'application/json') return lists.list(of, query)
      const file = `${list.toLowerCase()}-list-${call.id}`
      if (type === 'text/csv') {
        reply.type('text/csv; charset=utf-8')
        reply.header('content-disposition', `attachment; filename="${file}.csv"`)
        return reply.send(csvStream(lists.all(of), table))
      }
      const text = writeCoprar(await writtenList({ lists, list }, call))
      reply.type(edifact)
      reply.header('content-disposition', `attachment; filename="${file}.edi"`)
      return reply.send(Readable.from([text]))
    },
  )

  app.get(
    '/stowage-plan',
    {
      config: access.permit('cargo-list:read'),
      schema: {
        operationId: `get${name}StowagePlan`,
        summary: `The ${name.toLowerCase()} list of a port call as a stowage plan of UN/EDIFACT`,
        description: 'BAPLIE D.95B with the containers that have a slot.',
        tags,
        params: PortCallParams,
        response: {
          200: { description: 'BAPLIE', content: { [edifact]: { schema: fileAnswer('edifact') } } },
          ...errors(404),
        },
      },
    },
    async ({ params, caller }, reply) => {
      const visibility = visibilityOf(caller, 'cargo-list:read')
      const call = await requireCall(database.client, params.id, visibility)
      const text = writeBaplie(await writtenList({ lists, list }, call))
      reply.type(edifact)
      reply.header('content-disposition', `attachment; filename="stowage-plan-${call.id}.edi"`)
      return reply.send(Readable.from([text]))
    },
  )
}

/** A whole list, as a message is written of it. */
const writtenList = async (
  { lists, list }: Pick<CargoListRouteOptions, 'lists' | 'list'>,
  call: PortCallRow,
) => {
  const items: CargoListItem[] = []
  for await (const entry of lists.all({ portCallId: call.id, list })) items.push(entry)
  const { id, unLocationCode, vesselName, vesselImoNumber } = call
  return {
    call: {
      id,
      UNLocationCode: unLocationCode,
      vesselName,
      vesselIMONumber: vesselImoNumber,
    },
    list,
    items,
    at: new Date(),
  }
}

/** Takes lists as tables. In a scope of its own, which takes `text/csv` alone. */
export const cargoListTableRoutes: FastifyPluginAsync<CargoListRouteOptions> = async (
  app,
  { database, list },
) =>
  csvImport(app, {
    database,
    config: access.permit('cargo-list:write'),
    operationId: `import${nameOf[list]}List`,
    summary: `Replace the ${nameOf[list].toLowerCase()} list of a port call by a table`,
    description: `At most ${mostItems} containers. Open visits of its containers at the port are tied to the call; \`carga.moves.forecast\` tells how many moves are to come.`,
    tags,
    params: PortCallParams,
    line: Line,
    imported: ImportedList,
    importTable: async (unit, { columns: head, rows, faults }, request) => {
      const { id } = request.params as { id: string }
      const visibility = visibilityOf(request.caller, 'cargo-list:write')
      const call = await requireCall(unit.tx, id, visibility)
      const read = rows.map(({ row, value }) => ({ row, item: itemOf(value) }))
      const found = faultsOfList(read).map(({ row, fault }) => inCell(fault, row, head))
      refuse([...faults, ...found])
      await replaceList(unit, call, { list, items: read.map(({ item }) => item) })
      return { imported: read.length }
    },
  })

/** Bytes of a message: as many as a table may have, some 20,000 containers. The gateway allows as much. */
const longestMessage = 4_194_304

/** Takes lists as messages. In a scope of its own, which takes UN/EDIFACT alone. */
export const cargoListMessageRoutes: FastifyPluginAsyncTypebox<CargoListRouteOptions> = async (
  app,
  { database, list },
) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(edifact, { parseAs: 'string' }, (_request, text, done) => {
    if (!String(text).includes('\0')) return done(null, text)
    const detail = { en: 'must not contain a NUL character', es: 'no debe contener caracteres NUL' }
    return done(
      new ProblemError(kitErrors.VALIDATION_FAILED, { errors: [{ pointer: '#', detail }] }),
      undefined,
    )
  })

  app.post(
    '/import-message',
    {
      bodyLimit: longestMessage,
      config: access.permit('cargo-list:write'),
      schema: {
        operationId: `import${nameOf[list]}Message`,
        summary: `Replace the ${nameOf[list].toLowerCase()} list of a port call by a message of UN/EDIFACT`,
        description: `An order (COPRAR, document name ${list === 'LOAD' ? '45' : '43'}) or a stowage plan (BAPLIE, of which the containers of this port count). 422 names faults by the container’s place in the message.`,
        tags,
        params: PortCallParams,
        consumes: [edifact],
        body: {
          content: {
            [edifact]: {
              schema: fileBody('An interchange of UN/EDIFACT (ISO 9735) with one message', {
                bytes: longestMessage,
                example: "UNB+UNOC:3+LINE+TERMINAL+270301:0800+1'",
              }),
            },
          },
        },
        response: { 201: ImportedList, ...errors(404, 413, 415, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const visibility = visibilityOf(request.caller, 'cargo-list:write')
        const call = await requireCall(unit.tx, request.params.id, visibility)
        const text = typeof request.body === 'string' ? request.body : ''
        const read = readCargoMessage(text, { list, place: call.unLocationCode })
        const found = faultsOfList(read.items).map(({ row, fault }) => ({ ...fault, row }))
        refuse([...read.faults, ...found])
        const items = read.items.map(({ item }) => item)
        await replaceList(unit, call, { list, items })
        reply.code(201)
        return { imported: items.length }
      }),
  )
}

type ProgressRouteOptions = { database: CargaDatabase }

export const cargoProgressRoutes: FastifyPluginAsyncTypebox<ProgressRouteOptions> = async (
  app,
  { database },
) => {
  app.get(
    '/port-calls/:id/cargo-progress',
    {
      config: access.permit('cargo-list:read'),
      schema: {
        operationId: 'getCargoProgress',
        summary: 'How far loading and discharging of a port call are',
        tags,
        params: PortCallParams,
        response: { 200: Type.Ref('CargoProgress'), ...errors(404) },
      },
    },
    async ({ params, caller }) => {
      const visibility = visibilityOf(caller, 'cargo-list:read')
      const { id } = await requireCall(database.client, params.id, visibility)
      const [progress, knowledge] = await Promise.all([
        progressOfLists(database.sql, id),
        knowledgeOf(database.sql, 'barcos'),
      ])
      return { portCallId: id, lists: progress, knowledge }
    },
  )
}
