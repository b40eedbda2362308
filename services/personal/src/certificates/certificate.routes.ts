import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { EmployeeParams } from '../employees/employee.schema.ts'
import type { metrics } from '../metrics.ts'
import {
  CertificateParams,
  CertificateQuery,
  NewCertificate,
  Revocation,
} from './certificate.schema.ts'
import type { CertificateStore } from './certificate.store.ts'

type CertificateRouteOptions = {
  database: PersonalDatabase
  certificates: CertificateStore
  metrics: Metrics<typeof metrics>
}

const tags = ['employees']

export const certificateRoutes: FastifyPluginAsyncTypebox<CertificateRouteOptions> = async (
  app,
  options,
) => {
  const { database, certificates, metrics } = options

  app.get(
    '',
    {
      config: access.permit('certificate:read'),
      schema: {
        operationId: 'listCertificates',
        summary: 'Certificates of an employee',
        description: 'In the order of registration, each with its state of today.',
        tags,
        params: EmployeeParams,
        querystring: CertificateQuery,
        response: { 200: PageOf(Type.Ref('Certificate')), ...errors(404) },
      },
    },
    async (request) => {
      const { caller, params, query } = request
      return certificates.list({ caller, id: params.id }, query)
    },
  )

  app.post(
    '',
    {
      config: access.permit('certificate:write'),
      schema: {
        operationId: 'registerCertificate',
        summary: 'Register a certificate of an employee',
        tags,
        params: EmployeeParams,
        body: NewCertificate,
        response: { 201: Type.Ref('Certificate'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body: given } = request
        const certificate = await certificates.register(unit, { caller, id: params.id, given })
        metrics.certificatesRegistered.inc()
        const location = `/v1/employees/${params.id}/certificates/${certificate.id}`
        reply.code(201).header('location', location)
        return certificate
      }),
  )

  app.get(
    '/:certificateId',
    {
      config: access.permit('certificate:read'),
      schema: {
        operationId: 'getCertificate',
        summary: 'One certificate of an employee',
        tags,
        params: CertificateParams,
        response: { 200: Type.Ref('Certificate'), ...errors(404) },
      },
    },
    async (request) => certificates.find({ caller: request.caller, ...request.params }),
  )

  app.post(
    '/:certificateId/revoke',
    {
      config: access.permit('certificate:write'),
      schema: {
        operationId: 'revokeCertificate',
        summary: 'Revoke a certificate',
        tags,
        params: CertificateParams,
        body: Revocation,
        response: { 200: Type.Ref('Certificate'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body } = request
        return certificates.revoke(unit, { caller, ...params, reason: body.reason })
      }),
  )
}
