import { randomUUID } from 'node:crypto'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carga } from '../../services/carga/src/service.ts'
import { dcsaStandard } from './dcsa-standard.ts'

/** DCSA's own description of VGM 1.0, below `REFERENCE_DIR`. */
const { expectValid, parametersOf } = dcsaStandard('vgm-v1.0.0.yaml')

let service: TestService<object>
const shipper: Identity = {
  kind: 'machine',
  subject: 'shipper-system',
  scopes: ['carga/read', 'carga/write'],
  org: 'acme',
}
const path = '/dcsa/vgm/v1/vgm-declarations'
const post = (body: unknown) => service.request('POST', path, { as: shipper, body })
const get = (query = '') => service.request('GET', `${path}${query}`, { as: shipper })

const declaration = {
  declarationReference: 'VGM-HHL71800000-APZU4812090',
  declarationDateTime: '2026-01-01T00:00:00.000Z',
  VGM: {
    weight: { value: 20_000, unit: 'KGM' },
    method: 'SM1',
    dateTime: '2026-01-01T00:00:00.000Z',
    location: { UNLocationCode: 'ESALG' },
    certificationReference: 'W42-23110812',
  },
  equipmentDetails: {
    equipmentReference: 'APZU4812090',
    isShipperOwned: false,
    tareWeight: { value: 3_900, unit: 'KGM' },
  },
  shipmentDetails: {
    carrierBookingReference: 'ABC709951',
    transportDocumentReference: 'HHL71800000',
    otherReferences: [{ typeCode: 'FF', reference: '7' }],
  },
  vesselVoyageDetails: { portOfLoading: { UNLocationCode: 'ESALG' }, vesselName: 'King' },
  responsibleParty: { partyName: 'Acme', contactDetails: { name: 'Jane Doe' } },
  authorizedPersonSignatory: 'Jane Doe',
  weighingParty: { partyName: 'Scales' },
}

beforeAll(async () => {
  service = await startTestService(carga, {
    env: { BARCOS_URL: 'http://127.0.0.1:9', BACKGROUND: 'off' },
  })
  const visit = await service.request('POST', '/v1/container-visits', {
    body: {
      equipmentReference: 'APZU4812090',
      ISOEquipmentCode: '45G1',
      tareWeight: 3_900,
      maximumGrossWeight: 30_480,
      isEmpty: false,
      flow: 'EXPORT',
      UNLocationCode: 'ESALG',
      carrierOrganization: 'acme',
      carrierBookingReference: 'ABC709951',
    },
  })
  if (visit.status !== 201) throw new Error(visit.text)
  const own = `/v1/container-visits/${visit.body.id}/vgm-declarations`
  const made = await service.request('POST', own, {
    body: {
      declarationReference: 'SCALES-7',
      weight: { value: 20_100, unit: 'KGM' },
      method: 'SM1',
      dateTime: '2026-01-01T00:00:00Z',
      responsibleParty: 'Acme',
      authorizedPersonSignatory: 'Jane Doe',
    },
  })
  if (made.status !== 201) throw new Error(made.text)
})
afterAll(() => service?.[Symbol.asyncDispose]())

describe('declarations', () => {
  it('are taken whole, and told as they came and as the standard has them', async () => {
    const message = { VGMDeclarations: [declaration] }
    expectValid('PostVGMDeclarationsRequest', message)
    const answer = await post(message)
    expect(answer).toMatchObject({ status: 200, body: {}, headers: { 'api-version': '1.0.0' } })
    expectValid('PostVGMDeclarationsResponse', answer.body)
    const unsigned = {
      ...declaration,
      declarationReference: randomUUID(),
      authorizedPersonSignatory: undefined,
    }
    const remarked = await post({ VGMDeclarations: [unsigned] })
    expectValid('PostVGMDeclarationsResponse', remarked.body)
    expect(remarked.body.feedbackElements).toHaveLength(1)
    const page = await get('?limit=1')
    expectValid('GetVGMDeclarationsResponse', page.body)
    expect(page.body.VGMDeclarations).toHaveLength(1)
    const all = await get()
    expectValid('GetVGMDeclarationsResponse', all.body)
    expect(all.body.VGMDeclarations).toHaveLength(3)
    expect(all.body.VGMDeclarations).toContainEqual(declaration)
  })

  it('may be filtered by each parameter of the standard', async () => {
    for (const { name, example } of parametersOf('/vgm-declarations')) {
      if (name === 'cursor') continue
      const answer = await get(`?${name}=${encodeURIComponent(example)}`)
      expect({ name, status: answer.status }).toEqual({ name, status: 200 })
      expectValid('GetVGMDeclarationsResponse', answer.body)
    }
  })
})

it('answers errors in the standard’s words', async () => {
  for (const [schema, answer, status] of [
    ['GetVGMDeclarationsError', await get('?limit=0'), 400],
    ['GetVGMDeclarationsError', await service.request('GET', path, { as: null }), 401],
    ['PostVGMDeclarationsError', await post({ VGMDeclarations: [7] }), 400],
  ] as const) {
    expect(answer).toMatchObject({ status, headers: { 'api-version': '1.0.0' } })
    expectValid(schema, answer.body)
  }
})
