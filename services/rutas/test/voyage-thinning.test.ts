import { startTestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 60_000 }
const hour = 3_600_000
const day = 24 * hour

const issuer = new TokenIssuer()
const open = (env: Record<string, string>, databaseUrl?: string) =>
  startTestService(rutas, { issuer, env, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
let service: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  service = await open({ BACKGROUND: 'off' })
})
afterAll(() => service[Symbol.asyncDispose]())

/** A voyage that ended so many days ago, and a ship that was twice expected late. */
const sail = async (mmsi: string, endedDays: number): Promise<string> => {
  const begin = Date.now() - (endedDays + 3) * day
  const at = (hours: number) => new Date(begin + hours * hour).toISOString()
  const { body } = await service.request('POST', '/v1/voyages', {
    body: {
      MMSINumber: mmsi,
      carrierVoyageNumber: '017W',
      calls: [
        { UNLocationCode: 'ESALG', plannedDeparture: at(0) },
        { UNLocationCode: 'NLRTM', plannedArrival: at(60), plannedDeparture: at(72) },
      ],
    },
  })
  const id = body.id as string
  const report = async (event: string, transportCallReference: string, time: string) => {
    const path = `/v1/voyages/${id}/reports`
    const answer = await service.request('POST', path, {
      body: { event, transportCallReference, time },
    })
    expect(answer.status).toBe(200)
  }
  await report('DEPARTURE', 'ESALG-1', at(0))
  const { database, journal } = service.opened
  const behind = [0, 1, 0, 5, 6, 7, 0, 0, 1, 4, 5, 6, 0, 1, 0]
  await database.transaction(async (unit) => {
    const held = await journal.hold(unit, id)
    await journal.record(
      unit,
      held,
      behind.map((hours, n) => ({
        kind: 'ESTIMATED' as const,
        time: begin + (n + 1) * 3 * hour,
        source: 'WATCH' as const,
        content: { transportCallReference: 'NLRTM-1', arrival: begin + (60 + hours) * hour },
      })),
    )
  })
  await report('ARRIVAL', 'NLRTM-1', at(61))
  await report('DEPARTURE', 'NLRTM-1', at(72))
  return id
}
const read = async (id: string) => (await service.request('GET', `/v1/voyages/${id}`)).body
const timeline = async (id: string): Promise<{ kind: string }[]> =>
  (await service.request('GET', `/v1/voyages/${id}/timeline?limit=200`)).body.items
const estimates = async (id: string) =>
  (await timeline(id)).filter(({ kind }) => kind === 'ESTIMATED').length

it('keeps of old voyages the estimates that their histories rest on, and of others all', async () => {
  const old = [await sail('224820001', 61), await sail('224820002', 400)]
  const young = await sail('224820003', 31)
  const before = await Promise.all(old.map(read))
  expect(before[0]).toMatchObject({ state: 'COMPLETED', deviations: [{}, {}] })
  expect(await Promise.all([...old, young].map(estimates))).toEqual([15, 15, 15])

  const replicas = await Promise.all([open({}, service.databaseUrl), open({}, service.databaseUrl)])
  for (const id of old) await expect.poll(() => estimates(id), patience).toBe(10)
  for (const replica of replicas) await replica.close()

  expect(await Promise.all(old.map(read))).toEqual(before)
  expect(await estimates(young)).toBe(15)
  expect(await timeline(old[0] ?? '')).toHaveLength(14)
  const { database, journal } = service.opened
  const { journey } = await database.transaction((unit) => journal.hold(unit, old[0] ?? ''))
  expect(journey.deviations).toHaveLength(before[0].deviations.length)
})
