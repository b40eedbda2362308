import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import {
  Annulment,
  Correction,
  NewWorkRecord,
  WorkEnd,
  WorkRecordParams,
  WorkRecordQuery,
  WorkTimes,
} from './work-record.schema.ts'
import type { WorkRecordStore } from './work-record.store.ts'

type WorkRecordRouteOptions = {
  database: PersonalDatabase
  workRecords: WorkRecordStore
  metrics: Metrics<typeof metrics>
}

const tags = ['work']

export const workRecordRoutes: FastifyPluginAsyncTypebox<WorkRecordRouteOptions> = async (
  app,
  { database, workRecords, metrics },
) => {
  app.get(
    '',
    {
      config: access.permit('work:read'),
      schema: {
        operationId: 'listWorkRecords',
        summary: 'What people have worked',
        description: 'The latest first unless sorted otherwise, corrected ones among them.',
        tags,
        querystring: WorkRecordQuery,
        response: { 200: PageOf(Type.Ref('WorkRecord')) },
      },
    },
    async ({ caller, query }) => workRecords.list(caller, query),
  )

  app.post(
    '',
    {
      config: access.permit('work:write'),
      schema: {
        operationId: 'recordWork',
        summary: 'Record that someone came in, or came in and went out',
        description:
          'Of a shift that the person is assigned to, or of none. Rest is judged over it in place of the shift’s planned hours.',
        tags,
        body: NewWorkRecord,
        response: { 201: Type.Ref('WorkRecord'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, body: given } = request
        const record = await workRecords.record(unit, { caller, given })
        metrics.workRecords.inc({ step: 'record' })
        return created(reply, `/v1/work-records/${record.id}`, record)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('work:read'),
      schema: {
        operationId: 'getWorkRecord',
        summary: 'One work record',
        tags,
        params: WorkRecordParams,
        response: {
          200: Type.Ref('WorkRecord'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await workRecords.find(request.caller, request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('work:write'),
      schema: {
        operationId: 'replaceWorkRecord',
        summary: 'Give a record that is not signed other times',
        tags,
        params: WorkRecordParams,
        body: WorkTimes,
        response: { 200: Type.Ref('WorkRecord'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const { caller, params, body: given } = request
        return workRecords.replace(unit, { caller, id: params.id, version, given })
      }),
  )

  app.post(
    '/:id/end',
    {
      config: access.permit('work:write'),
      schema: {
        operationId: 'endWork',
        summary: 'Record that someone went out',
        tags,
        params: WorkRecordParams,
        body: WorkEnd,
        response: { 200: Type.Ref('WorkRecord'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { caller, params, body } = request
        return workRecords.end(unit, { caller, id: params.id, version, endedAt: body.endedAt })
      }),
  )

  app.post(
    '/:id/sign',
    {
      config: access.permit('work:sign'),
      schema: {
        operationId: 'signWorkRecord',
        summary: 'Sign a record off: it is immutable from then on',
        tags,
        params: WorkRecordParams,
        response: { 200: Type.Ref('WorkRecord'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, async (unit, version) => {
        const { caller, params } = request
        const record = await workRecords.sign(unit, { caller, id: params.id, version })
        metrics.workRecords.inc({ step: 'sign' })
        return record
      }),
  )

  app.post(
    '/:id/correct',
    {
      config: access.permit('work:write'),
      schema: {
        operationId: 'correctWorkRecord',
        summary: 'Put another record in the place of one that is signed',
        description: 'The answer is the new record, which is to be signed in its turn.',
        tags,
        params: WorkRecordParams,
        body: Correction,
        response: { 201: Type.Ref('WorkRecord'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body: given } = request
        const version = versionOf(request)
        const record = await workRecords.correct(unit, { caller, id: params.id, version, given })
        metrics.workRecords.inc({ step: 'correct' })
        return created(reply, `/v1/work-records/${record.id}`, record)
      }),
  )

  app.post(
    '/:id/annul',
    {
      config: access.permit('work:write'),
      schema: {
        operationId: 'annulWorkRecord',
        summary: 'Say that there was no such work',
        description:
          'The record is kept. The answer is a new record that says so, to be signed in its turn.',
        tags,
        params: WorkRecordParams,
        body: Annulment,
        response: { 201: Type.Ref('WorkRecord'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body } = request
        const change = { caller, id: params.id, version: versionOf(request), reason: body.reason }
        const record = await workRecords.annul(unit, change)
        metrics.workRecords.inc({ step: 'annul' })
        return created(reply, `/v1/work-records/${record.id}`, record)
      }),
  )
}

/** The version that a correction is meant for: any unless `If-Match` names one. */
const versionOf = (request: Parameters<typeof requiredVersion>[0]): number | '*' =>
  request.headers['if-match'] === undefined ? '*' : requiredVersion(request)
