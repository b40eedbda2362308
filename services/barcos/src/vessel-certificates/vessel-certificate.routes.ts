import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, etagOf } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import {
  CertificateQuery,
  CertificatesQuery,
  ExpiringQuery,
  NewVesselCertificate,
  Withdrawal,
} from './vessel-certificate.schema.ts'
import type { VesselCertificateStore } from './vessel-certificate.store.ts'

type CertificateRouteOptions = {
  database: BarcosDatabase
  certificates: VesselCertificateStore
}

const VesselParams = Type.Object({ vesselId: Type.String({ format: 'uuid' }) })
const Params = Type.Object({
  vesselId: Type.String({ format: 'uuid' }),
  id: Type.String({ format: 'uuid' }),
})
const tags = ['vessels']

export const vesselCertificateRoutes: FastifyPluginAsyncTypebox<CertificateRouteOptions> = async (
  app,
  { database, certificates },
) => {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('vary', 'accept-language')
  })

  app.get(
    '/vessel-certificates',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'listExpiringCertificates',
        summary: 'Certificates of all vessels that end before a day, the first to end first',
        tags,
        querystring: ExpiringQuery,
        response: { 200: PageOf(Type.Ref('VesselCertificate')) },
      },
    },
    async (request) => certificates.expiring(request.query, viewOf(request, request.query.on)),
  )

  app.get(
    '/vessels/:vesselId/certificates',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'listVesselCertificates',
        summary: 'A vessel’s certificates, the first to end first',
        tags,
        params: VesselParams,
        querystring: CertificatesQuery,
        response: { 200: PageOf(Type.Ref('VesselCertificate')), ...errors(404) },
      },
    },
    async (request) => {
      const { params, query } = request
      return certificates.ofVessel(params.vesselId, query, viewOf(request, query.on))
    },
  )

  app.post(
    '/vessels/:vesselId/certificates',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'addVesselCertificate',
        summary: 'Add a certificate to a vessel',
        tags,
        params: VesselParams,
        body: NewVesselCertificate,
        response: { 201: Type.Ref('VesselCertificate'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { vesselId } = request.params
        const given = { vesselId, given: request.body }
        const certificate = await certificates.add(unit, given, changerOf(request))
        const address = `/v1/vessels/${vesselId}/certificates/${certificate.id}`
        return created(reply, address, certificate)
      }),
  )

  app.get(
    '/vessels/:vesselId/certificates/:id',
    {
      config: access.permit('vessel:read'),
      schema: {
        operationId: 'getVesselCertificate',
        summary: 'One certificate of a vessel',
        tags,
        params: Params,
        querystring: CertificateQuery,
        response: { 200: Type.Ref('VesselCertificate'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const certificate = await certificates.find(request.params, viewOf(request, request.query.on))
      // Never 304: the state changes with the days, and the version does not.
      reply.header('etag', etagOf(certificate.version))
      return certificate
    },
  )

  app.put(
    '/vessels/:vesselId/certificates/:id',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'replaceVesselCertificate',
        summary: 'Replace a certificate, such as by its renewal',
        tags,
        params: Params,
        body: NewVesselCertificate,
        response: { 200: Type.Ref('VesselCertificate'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const replacement = { ...request.params, version, given: request.body }
        return certificates.replace(unit, replacement, changerOf(request))
      }),
  )

  app.post(
    '/vessels/:vesselId/certificates/:id/withdraw',
    {
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'withdrawVesselCertificate',
        summary: 'Withdraw a certificate, with a reason',
        description: 'Irreversible: it stays in the list as WITHDRAWN and takes no change.',
        tags,
        params: Params,
        body: Withdrawal,
        response: { 200: Type.Ref('VesselCertificate'), ...errors(404, 409, 412) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const withdrawal = { ...request.params, version, reason: request.body.reason }
        return certificates.withdraw(unit, withdrawal, changerOf(request))
      }),
  )
}

const viewOf = (request: FastifyRequest, on?: string) => ({ language: languageOf(request), on })

const changerOf = (request: FastifyRequest) => ({
  recordedBy: request.caller.subject,
  view: viewOf(request),
})
