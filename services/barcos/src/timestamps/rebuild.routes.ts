import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { reporterOf } from '../reporter.ts'
import { RebuildRequest } from './rebuild.schema.ts'
import type { RebuildStore } from './rebuild.store.ts'

type RebuildRouteOptions = { database: BarcosDatabase; rebuild: RebuildStore }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const rebuildRoutes: FastifyPluginAsyncTypebox<RebuildRouteOptions> = async (
  app,
  { database, rebuild },
) => {
  app.post(
    '/port-calls/:id/rebuild',
    {
      config: access.permit('port-call:rebuild'),
      schema: {
        operationId: 'rebuildPortCall',
        summary: 'Derive what a call went through from its raw timestamps',
        description:
          'Names every contradiction with what is recorded. With `apply`, the steps that nobody has taken are taken in order, each as a decision, until one is refused; once more changes nothing.',
        tags: ['timestamps'],
        params: Params,
        body: RebuildRequest,
        response: { 200: Type.Ref('Rebuild'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { apply = false, reason } = request.body ?? {}
      const { id } = request.params
      if (!apply) return rebuild.compare(id, 'all')
      return write({ request, reply, database }, (unit) =>
        rebuild.apply(unit, id, {
          reason,
          reporter: reporterOf(request.caller),
          language: languageOf(request),
        }),
      )
    },
  )
}
