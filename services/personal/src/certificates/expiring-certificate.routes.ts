import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { CertificateStore } from './certificate.store.ts'
import { ExpiringCertificateQuery } from './expiring-certificate.schema.ts'

type ExpiringCertificateRouteOptions = { certificates: CertificateStore }

export const expiringCertificateRoutes: FastifyPluginAsyncTypebox<
  ExpiringCertificateRouteOptions
> = async (app, { certificates }) => {
  app.get(
    '',
    {
      config: access.permit('certificate:read'),
      schema: {
        operationId: 'listExpiringCertificates',
        summary: 'Certificates of active people that end in a span of days',
        description:
          'Those that end within 60 days unless asked otherwise, by their last day. Revoked ones and those without end are not among them.',
        tags: ['employees'],
        querystring: ExpiringCertificateQuery,
        response: { 200: PageOf(Type.Ref('ExpiringCertificate')) },
      },
    },
    async ({ caller, query }) => certificates.expiring(caller, query),
  )
}
