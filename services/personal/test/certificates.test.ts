import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
let certificates: string
const dayFromNow = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const certificate = (change: object = {}) => ({
  type: 'MEDICAL',
  number: 'M-1',
  issued: '2020-02-29',
  expires: dayFromNow(400),
  ...change,
})
const post = (body: unknown) => service.request('POST', certificates, { body })
const revoke = (id: string, reason = 'withdrawn by the authority') =>
  service.request('POST', `${certificates}/${id}/revoke`, { body: { reason } })

beforeAll(async () => {
  service = await startPersonal()
})
afterAll(() => service[Symbol.asyncDispose]())
beforeAll(async () => {
  const { id } = await register(service)
  certificates = `/v1/employees/${id}/certificates`
})

describe('certificates of an employee', () => {
  it('are registered with their state of today', async () => {
    const cases: [string | null, string][] = [
      [null, 'VALID'],
      [dayFromNow(61), 'VALID'],
      [dayFromNow(59), 'EXPIRING'],
      [dayFromNow(-1), 'EXPIRED'],
    ]
    for (const [index, [expires, state]] of cases.entries()) {
      const given = certificate({ number: `S-${index}`, expires })
      const made = await post(given)
      expect(made).toMatchObject({ status: 201, body: { ...given, state, revocation: null } })
      const read = await service.request('GET', String(made.headers.location))
      expect(read).toMatchObject({ status: 200, body: made.body })
    }
  })

  it('are refused twice, in the wrong order, of the future, and of nobody', async () => {
    const given = certificate({ number: 'T-1' })
    expect(await post(given)).toMatchObject({ status: 201 })
    expect(await post(given)).toMatchObject({ status: 409, body: { code: 'CERTIFICATE_EXISTS' } })
    const wrong = certificate({ issued: dayFromNow(5), expires: dayFromNow(4) })
    expect(await post(wrong)).toMatchObject({
      status: 422,
      body: {
        code: 'CERTIFICATE_INVALID',
        errors: [{ pointer: '#/issued' }, { pointer: '#/expires' }],
      },
    })
    for (const issued of ['2026-02-30', '29/02/2020', '2020-02-29T00:00:00Z']) {
      expect(await post(certificate({ issued }))).toMatchObject({ status: 400 })
    }
    const nobody = '/v1/employees/00000000-0000-7000-8000-000000000000/certificates'
    expect(await service.request('POST', nobody, { body: given })).toMatchObject({ status: 404 })
    expect(await service.request('GET', nobody)).toMatchObject({ status: 404 })
  })

  it('are revoked once, whatever their dates', async () => {
    const { body } = await post(certificate({ number: 'R-1' }))
    expect(await revoke(body.id)).toMatchObject({
      status: 200,
      body: {
        state: 'REVOKED',
        revocation: { reason: 'withdrawn by the authority', by: 'tester' },
      },
    })
    expect(await revoke(body.id)).toMatchObject({
      status: 409,
      body: { code: 'CERTIFICATE_REVOKED' },
    })
    const { id } = await register(service)
    const ofAnother = `/v1/employees/${id}/certificates/${body.id}`
    expect(await service.request('GET', ofAnother)).toMatchObject({ status: 404 })
    const answer = await service.request('POST', `${ofAnother}/revoke`, { body: { reason: 'x' } })
    expect(answer).toMatchObject({ status: 404 })
  })

  it('come in pages, without number and reason for who does not need them', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await service.request('GET', `${certificates}?limit=2${cursor}`)
      seen.push(...body.items.map(({ number }: { number: string }) => number))
      cursor = body.next === null ? '' : `&cursor=${body.next}`
    } while (cursor !== '')
    expect(seen).toEqual(['S-0', 'S-1', 'S-2', 'S-3', 'T-1', 'R-1'])
    const { body } = await service.request('GET', certificates, { as: { roles: ['viewer'] } })
    expect(body.items).toHaveLength(6)
    for (const item of body.items) expect(item).toMatchObject({ number: null, revocation: null })
    expect(body.items.at(-1)).toMatchObject({ state: 'REVOKED', type: 'MEDICAL' })
    const tugs = { roles: ['service-provider'], org: 'tugs' } as const
    expect(await service.request('GET', certificates, { as: tugs })).toMatchObject({ status: 404 })
    const viewer = { as: { roles: ['viewer'] as const }, body: certificate({ number: 'V-1' }) }
    expect(await service.request('POST', certificates, viewer)).toMatchObject({ status: 403 })
  })
})
