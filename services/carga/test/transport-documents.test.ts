import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const path = '/v1/transport-documents'
let drafted = 0
const draft = (change: object = {}) => {
  drafted += 1
  return {
    transportDocumentReference: `HHL${drafted}`,
    shipper: 'Acme Shipping',
    portOfLoading: 'ESALG',
    portOfDischarge: 'NLRTM',
    consignmentItems: [
      {
        descriptionOfGoods: 'Telephones',
        HSCodes: ['851713'],
        cargoGrossWeight: 12_000.5,
        numberOfPackages: 400,
        equipmentReferences: ['CSQU3054383'],
      },
    ],
    ...change,
  }
}
const post = (url: string, body: object, by: { as?: Identity } = {}) =>
  carga.request('POST', url, { ...by, body })

describe('a transport document', () => {
  it('is drafted, issued and surrendered, and changed only while it is a draft', async () => {
    const given = draft()
    const made = await post(path, given)
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: { ...given, state: 'DRAFT', issuedAt: null },
    })
    const url = `${path}/${made.body.id}`
    const put = (version: string, body: object) =>
      carga.request('PUT', url, { headers: { 'if-match': version }, body })
    expect(await put('"1"', { ...given, consignee: 'Globex' })).toMatchObject({
      status: 200,
      body: { consignee: 'Globex', version: 2 },
    })
    expect(await put('"1"', given)).toMatchObject({ status: 412 })
    expect(await put('"2"', { ...given, transportDocumentReference: 'OTHER' })).toMatchObject({
      status: 409,
    })
    expect(await post(`${url}/surrender`, {})).toMatchObject({
      status: 409,
      body: { code: 'TRANSPORT_DOCUMENT_STATE', detail: 'the document is DRAFT' },
    })
    expect(await post(`${url}/issue`, {})).toMatchObject({
      status: 200,
      body: { state: 'ISSUED', issuedAt: expect.any(String) },
    })
    expect(await put('"3"', given)).toMatchObject({ status: 409 })
    expect(await post(`${url}/surrender`, {})).toMatchObject({ body: { state: 'SURRENDERED' } })
    expect(await post(`${url}/void`, { reason: 'late' })).toMatchObject({ status: 409 })
  })

  it('is voided with a reason', async () => {
    const { body } = await post(path, draft())
    expect(await post(`${path}/${body.id}/void`, {})).toMatchObject({ status: 422 })
    expect(await post(`${path}/${body.id}/void`, { reason: 'mistake' })).toMatchObject({
      status: 200,
      body: { state: 'VOIDED', reason: 'mistake' },
    })
  })

  it('is refused where it is not well formed or breaks a rule', async () => {
    const [item] = draft().consignmentItems
    for (const [change, status, pointer] of [
      [{ transportDocumentReference: 'x'.repeat(21) }, 400, '#/transportDocumentReference'],
      [{ transportDocumentReference: ' x' }, 400, '#/transportDocumentReference'],
      [{ consignmentItems: [] }, 400, '#/consignmentItems'],
      [
        { consignmentItems: [{ ...item, HSCodes: ['8517'] }] },
        400,
        '#/consignmentItems/0/HSCodes/0',
      ],
      [{ portOfLoading: 'XX999' }, 422, '#/portOfLoading'],
      [
        { consignmentItems: [{ ...item, equipmentReferences: ['HLXU1234567'] }] },
        422,
        '#/consignmentItems/0/equipmentReferences/0',
      ],
    ] as const) {
      const answer = await post(path, draft(change))
      expect({ pointer, status: answer.status }).toEqual({ pointer, status })
      expect(answer.body.errors[0].pointer).toBe(pointer)
    }
    const given = draft()
    await post(path, given)
    expect(await post(path, given)).toMatchObject({
      status: 409,
      body: { code: 'TRANSPORT_DOCUMENT_EXISTS' },
    })
  })

  it('is seen by its carrier, and by no other', async () => {
    const agent = (org: string): { as: Identity } => ({ as: { roles: ['agent'], org } })
    const given = draft({ carrierOrganization: 'acme' })
    expect(await post(path, given, agent('globex'))).toMatchObject({ status: 422 })
    const { body } = await post(path, given, agent('acme'))
    expect(await carga.request('GET', `${path}/${body.id}`, agent('globex'))).toMatchObject({
      status: 404,
    })
    const list = await carga.request('GET', `${path}?state=DRAFT`, agent('acme'))
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([body.id])
    expect(await carga.request('GET', path, { as: { roles: ['viewer'] } })).toMatchObject({
      status: 403,
    })
  })
})
