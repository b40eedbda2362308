import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { EmployeeParams } from '../employees/employee.schema.ts'
import type { metrics } from '../metrics.ts'
import type { PersonalDataStore } from './personal-data.store.ts'

type PersonalDataRouteOptions = {
  database: PersonalDatabase
  personalData: PersonalDataStore
  metrics: Metrics<typeof metrics>
}

const tags = ['employees']

export const personalDataRoutes: FastifyPluginAsyncTypebox<PersonalDataRouteOptions> = async (
  app,
  { database, personalData, metrics },
) => {
  app.get(
    '/personal-data',
    {
      config: access.permit('personal-data:read'),
      schema: {
        operationId: 'exportPersonalData',
        summary: 'Everything that is known of a person',
        description:
          'One JSON document, for the person who asks what is kept about them: who they are, certificates, absences, assignments and work records, withdrawn and corrected ones among them.',
        tags,
        params: EmployeeParams,
        response: { 200: Type.Ref('PersonalData'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { caller, params } = request
      const data = await personalData.collect(caller, params.id)
      metrics.personalDataRequests.inc({ kind: 'export' })
      reply.header('content-disposition', `attachment; filename="person-${data.employee.id}.json"`)
      reply.header('cache-control', 'no-store')
      return data
    },
  )

  app.post(
    '/erase',
    {
      config: access.permit('personal-data:erase'),
      schema: {
        operationId: 'erasePersonalData',
        summary: 'Erase what names a person who works here no more',
        description:
          'Irreversible. Name, contact, numbers of certificates, kinds of absences and every free word about the person go; hours and days stay, without a name, since the law keeps them.',
        tags,
        params: EmployeeParams,
        response: { 200: Type.Ref('Employee'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, async (unit, version) => {
        const { caller, params } = request
        const employee = await personalData.erase(unit, { caller, id: params.id, version })
        metrics.personalDataRequests.inc({ kind: 'erasure' })
        return employee
      }),
  )
}
