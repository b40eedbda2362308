import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { Database, Unit } from '../database/transaction.ts'
import { type CsvTable, readCsv } from './csv.ts'
import { errors, kitErrors } from './errors.ts'
import { fileBody } from './file-content.ts'
import { write } from './idempotency.ts'
import type { Text } from './language.ts'
import { ProblemError } from './problem.ts'

/** Bytes of a table, some 20,000 lines of twenty cells. The gateway allows as much. */
const bodyLimit = 4_194_304

type CsvImport<Tx, Line extends TObject, Imported extends TSchema> = {
  database: Database<Tx>
  /** What asks for the permission. */
  config: { permission: string }
  operationId: string
  summary: string
  /** What there is to know beside the names of the columns. */
  description: string
  tags: string[]
  /** Parameters of the path, where what is imported belongs to something. */
  params?: TObject
  /** A line of the table; its properties are the columns. */
  line: Line
  imported: Imported
  /** Imports all of a table, whose faults so far `table` names, or refuses it by `tableFaults`. */
  importTable: (
    unit: Unit<Tx>,
    table: CsvTable<Static<Line>>,
    request: FastifyRequest,
  ) => Promise<Static<Imported>>
}

/**
 * Registers `POST /import`: a table of `text/csv`, taken whole or not at all, in one transaction. Give
 * it a scope of its own, since no route beside it can take another type of body.
 */
export const csvImport = <Tx, Line extends TObject, Imported extends TSchema>(
  app: FastifyInstance,
  { database, config, line, imported, importTable, ...described }: CsvImport<Tx, Line, Imported>,
): void => {
  app.removeAllContentTypeParsers()
  acceptCsv(app)
  const columns = Object.keys(line.properties).join(', ')
  app.post(
    '/import',
    {
      bodyLimit,
      config,
      schema: {
        ...described,
        description: `Columns in any order: ${columns}. ${described.description} 422 names the first hundred faults by row and column.`,
        consumes: ['text/csv'],
        body: {
          content: {
            'text/csv': {
              schema: fileBody(
                'CSV (RFC 4180) in UTF-8, separated by commas or semicolons, its first line the columns’ names',
                { bytes: bodyLimit, example: `${columns.replaceAll(' ', '')}\r\n` },
              ),
            },
          },
        },
        response: {
          201: imported,
          ...(described.params ? errors(404) : {}),
          ...errors(409, 413, 415, 422),
        },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        // What comes without a body is an empty table.
        const text = typeof request.body === 'string' ? request.body : ''
        const answer = await importTable(unit, readCsv(text, line), request)
        reply.code(201)
        return answer
      }),
  )
}

/** Lets the routes of a scope take `text/csv`, whose body is then the text. */
const acceptCsv = (app: FastifyInstance): void => {
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) => {
    const fault = unreadable.find(({ character }) => String(text).includes(character))
    if (!fault) return done(null, text)
    const errors = [{ pointer: '#', detail: fault.detail }]
    return done(new ProblemError(kitErrors.VALIDATION_FAILED, { errors }), undefined)
  })
}

/** What text must not hold to be taken for a table. */
const unreadable: readonly { character: string; detail: Text }[] = [
  {
    character: '\0',
    detail: { en: 'must not contain a NUL character', es: 'no debe contener caracteres NUL' },
  },
  {
    // What decoding puts in the place of bytes that are none of UTF-8: the letter meant is lost.
    character: '\uFFFD',
    detail: { en: 'must be UTF-8 throughout', es: 'debe estar todo en UTF-8' },
  },
]
