import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type pg from 'pg'
import { Type } from 'typebox'
import { v7 as uuidv7 } from 'uuid'
import { defineAccess } from '../../src/auth/access.ts'
import { databaseUrlSetting } from '../../src/database/connection-url.ts'
import { openPool } from '../../src/database/pool.ts'
import { type Database, pgDatabase } from '../../src/database/transaction.ts'
import { defineConsumer } from '../../src/events/consumer.ts'
import { defineEvents, eventOf } from '../../src/events/define-events.ts'
import { change } from '../../src/http/change.ts'
import { defineErrors, errors, kitErrors } from '../../src/http/errors.ts'
import { assertVersion, created, sendVersioned } from '../../src/http/etag.ts'
import { write } from '../../src/http/idempotency.ts'
import { type Cursors, pageQuery, PageOf } from '../../src/http/pagination.ts'
import { ProblemError } from '../../src/http/problem.ts'
import { defineMetrics } from '../../src/metrics/define-metrics.ts'
import { defineService } from '../../src/service/define-service.ts'

/** The smallest service that uses every part of the kit. */

const Note = Type.Object(
  { id: Type.String({ format: 'uuid' }), text: Type.String(), version: Type.Integer() },
  { $id: 'Note' },
)
const NewNote = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 100 }) },
  { additionalProperties: false },
)
type NoteRow = { id: string; text: string; version: number }

const noteErrors = defineErrors({
  NOTE_FORBIDDEN_WORD: {
    status: 409,
    title: {
      en: 'The note has a word that is not allowed',
      es: 'La nota tiene una palabra que no está permitida',
    },
  },
})
const noteEvents = defineEvents({
  'notes.note.written': {
    description: 'A note was written',
    data: Type.Object({ text: Type.String() }),
  },
  'notes.note.shared': {
    description: 'A note was shared with an organisation',
    organizations: ['with'],
    data: Type.Object({ with: Type.String() }),
  },
})
const access = defineAccess({
  'note:read': { roles: ['viewer', 'harbour-master'], scopes: ['notes/read'] },
  'note:write': { roles: ['harbour-master'], scopes: [] },
  'webhook:manage': { roles: ['admin'], scopes: ['notes/webhooks'] },
  'feed:read': { roles: ['admin'], scopes: ['notes/feed.read'], services: ['carga'] },
})
const metrics = defineMetrics({
  written: { type: 'counter', name: 'notes_written_total', help: 'Notes written' },
})

type RouteOptions = {
  database: Database<pg.PoolClient>
  cursors: Cursors
  written: { inc: () => void }
}

const noteRoutes: FastifyPluginAsyncTypebox<RouteOptions> = async (app, options) => {
  const { database, cursors, written } = options
  app.get(
    '/',
    {
      config: access.permit('note:read'),
      schema: {
        querystring: Type.Object(
          {
            ...pageQuery,
            text: Type.Optional(Type.String()),
            mood: Type.Optional(Type.Union([Type.Literal('good'), Type.Literal('bad')])),
          },
          { additionalProperties: false },
        ),
        response: { 200: PageOf(Type.Ref('Note')) },
      },
    },
    async (request) => {
      const after = cursors.read('notes', request.query)
      const limit = request.query.limit ?? 50
      const found = await database.sql<NoteRow>(
        `SELECT id::text, text, version FROM note
         WHERE ($1::uuid IS NULL OR id > $1) AND ($2::text IS NULL OR text = $2)
         ORDER BY id LIMIT $3`,
        [after?.[0] ?? null, request.query.text ?? null, limit + 1],
      )
      return cursors.page('notes', request.query, { found, positionOf: ({ id }) => [id] })
    },
  )

  app.post(
    '/',
    {
      config: access.permit('note:write'),
      schema: { body: NewNote, response: { 201: Note, ...errors(409, 422) } },
    },
    async (request, reply) =>
      write({ request, reply, database }, async ({ tx, publish }) => {
        const { text } = request.body
        if (text === 'explode') throw new Error('SELECT secret FROM vault')
        if (text === 'rude') throw new ProblemError(noteErrors.NOTE_FORBIDDEN_WORD)
        const note = { id: uuidv7(), text, version: 1 }
        await tx.query('INSERT INTO note (id, text) VALUES ($1, $2)', [note.id, text])
        publish(eventOf(noteEvents, 'notes.note.written', { subject: note.id, data: { text } }))
        written.inc()
        return created(reply, `/v1/notes/${note.id}`, note)
      }),
  )

  const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
  app.get(
    '/:id',
    {
      config: access.permit('note:read'),
      schema: { params: Params, response: { 200: Note, ...errors(404) } },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await find(database, request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('note:write'),
      schema: { params: Params, body: NewNote, response: { 200: Note, ...errors(404, 412, 428) } },
    },
    async (request, reply) =>
      change({ request, reply, database }, async ({ sql }, wanted) => {
        const note = await find({ sql }, request.params.id)
        assertVersion(wanted, note.version)
        const [changed] = await sql<NoteRow>(
          `UPDATE note SET text = $2, version = version + 1 WHERE id = $1 AND version = $3
           RETURNING id::text, text, version`,
          [note.id, request.body.text, note.version],
        )
        return changed ?? note
      }),
  )
}

const find = async ({ sql }: Pick<Database, 'sql'>, id: string): Promise<NoteRow> => {
  const [note] = await sql<NoteRow>('SELECT id::text, text, version FROM note WHERE id = $1', [id])
  if (!note) throw new ProblemError(kitErrors.NOT_FOUND)
  return note
}

const notesMigrations = new URL('migrations/', import.meta.url)

export const notes = defineService({
  name: 'notes',
  title: 'Notes',
  description: 'Notes that tests write',
  env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
  access,
  metrics,
  events: noteEvents,
  migrations: notesMigrations,
  open: ({ config, log }) => ({
    database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
  }),
  database: ({ database }) => database,
  resources: [
    {
      errors: [noteErrors],
      schemas: [Note],
      routes: (app, { database, cursors, metrics: { written } }) => {
        app.register(noteRoutes, { prefix: '/notes', database, cursors, written })
      },
    },
  ],
})

/** Reads the feed of `notes` and keeps what it hears. */
export const listener = defineService({
  name: 'carga',
  title: 'Listener',
  description: 'Listens to notes',
  env: { DATABASE_URL: databaseUrlSetting('PostgreSQL'), NOTES_URL: Type.String() },
  access: defineAccess({ 'feed:read': { roles: [], scopes: [] } }),
  metrics: {},
  migrations: notesMigrations,
  open: ({ config, log }) => ({
    database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
  }),
  database: ({ database }) => database,
  consumes: (_opened, { config }) => [
    {
      url: config.NOTES_URL,
      consumer: defineConsumer<pg.PoolClient>({
        from: 'notes',
        handlers: {
          'notes.note.written': async (event, { sql }) => {
            const { text } = event.data as { text: string }
            await sql('INSERT INTO echo (event_id, text) VALUES ($1, $2)', [event.id, text])
          },
        },
      }),
    },
  ],
})
