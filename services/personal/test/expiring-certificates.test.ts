import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { dateAt, nextDate } from '@porttrack/shared/time/local-time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

const timeZone = 'Europe/Madrid'
const env = { TIME_ZONE: timeZone, CERTIFICATE_ALERT_DAYS: '60,30,7' }
/** The day that comes so many days after today. */
const inDays = (days: number) => nextDate(dateAt(timeZone, new Date()), days)
const admin: Identity = { roles: ['admin'] }

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal({ env })
})
afterAll(() => service[Symbol.asyncDispose]())

let serial = 0
const certify = async (employeeId: string, days: number | null, type = 'MEDICAL') => {
  serial += 1
  const made = await service.request('POST', `/v1/employees/${employeeId}/certificates`, {
    body: {
      type,
      number: `N-${serial}`,
      issued: '2020-01-01',
      expires: days === null ? null : inDays(days),
    },
  })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

describe('the list of expiring certificates', () => {
  it('has those of active people by their last day, and says which are renewed', async () => {
    const own = { organization: 'expiring' }
    const [ana, bo, gone] = [
      await register(service, own),
      await register(service, own),
      await register(service, own),
    ]
    const soon = await certify(ana.id, 59)
    const sooner = await certify(bo.id, 0)
    const renewed = await certify(bo.id, 30, 'RADAR')
    await certify(bo.id, 900, 'RADAR')
    await certify(bo.id, null, 'VHF')
    const past = await certify(ana.id, -1, 'RADAR')
    await certify(gone.id, 10)
    const revoked = await certify(ana.id, 10, 'VHF')
    const url = `/v1/employees/${ana.id}/certificates/${revoked}/revoke`
    await service.request('POST', url, { body: { reason: 'forged' } })
    await service.request('POST', `/v1/employees/${gone.id}/deactivate`, {
      body: { reason: 'retired' },
    })
    const list = async (query = '', as: Identity = admin) =>
      (await service.request('GET', `/v1/certificates?organization=expiring${query}`, { as })).body
    const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)
    const all = await list()
    expect(idsOf(all)).toEqual([sooner, renewed, soon])
    expect(all.items).toMatchObject([
      { state: 'EXPIRING', renewed: false, personnelNumber: bo.personnelNumber },
      { renewed: true, organization: 'expiring' },
      { renewed: false, employeeId: ana.id, expires: inDays(59) },
    ])
    expect(idsOf(await list(`&expiresFrom=${inDays(-5)}&expiresBefore=${inDays(0)}`))).toEqual([
      past,
    ])
    expect(idsOf(await list('&type=RADAR'))).toEqual([renewed])
    const first = await list('&limit=2')
    expect(idsOf(await list(`&limit=2&cursor=${first.next}`))).toEqual([soon])
    const provider: Identity = { roles: ['service-provider'], org: 'expiring' }
    expect((await list('', provider)).items).toMatchObject(
      all.items.map(({ id }: { id: string }) => ({ id, number: null })),
    )
    expect((await list('', { ...provider, org: 'tugs' })).items).toEqual([])
  })
})

describe('alerts of expiring certificates', () => {
  it('are told once for each certificate and threshold, by however many replicas', async () => {
    const { id: employeeId } = await register(service, { organization: 'alerted' })
    const [far, near, last] = [
      await certify(employeeId, 60, 'A1'),
      await certify(employeeId, 7, 'A2'),
      await certify(employeeId, -1, 'A3'),
    ]
    await certify(employeeId, 61, 'A4')
    await certify(employeeId, 20, 'A5')
    await certify(employeeId, 200, 'A5')
    const { databaseUrl, issuer } = service
    const alerts = async () => {
      const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: admin })
      return body.events
        .filter(({ type }: { type: string }) => type === 'personal.certificate.expiring')
        .map(({ data }: { data: Record<string, unknown> }) => data)
        .filter((data: Record<string, unknown>) => data['employeeId'] === employeeId)
    }
    const start = () => startPersonal({ env: { ...env, BACKGROUND: 'on' }, databaseUrl, issuer })
    const replicas = await Promise.all([start(), start()])
    await expect.poll(alerts, { timeout: 20_000 }).toHaveLength(3)
    const told = { employeeId, organization: 'alerted' }
    expect(await alerts()).toEqual([
      {
        ...told,
        certificateId: last,
        type: 'A3',
        expires: inDays(-1),
        daysLeft: -1,
        thresholdDays: 7,
      },
      {
        ...told,
        certificateId: near,
        type: 'A2',
        expires: inDays(7),
        daysLeft: 7,
        thresholdDays: 7,
      },
      {
        ...told,
        certificateId: far,
        type: 'A1',
        expires: inDays(60),
        daysLeft: 60,
        thresholdDays: 60,
      },
    ])
    // A day on which the next threshold is reached.
    const { sql } = replicas[0].opened.database
    await sql('UPDATE certificate SET expires = expires - 30 WHERE id = $1::uuid', [far])
    replicas.push(await start())
    await expect.poll(alerts, { timeout: 20_000 }).toHaveLength(4)
    expect((await alerts())[3]).toMatchObject({ certificateId: far, thresholdDays: 30 })
    for (const replica of replicas) await replica.close()
  })
})
