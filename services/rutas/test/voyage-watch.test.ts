import { randomBytes } from 'node:crypto'
import { encodeSentences } from '@porttrack/ais/encode'
import { Cursors } from '@porttrack/shared/http/pagination'
import { Secret } from '@porttrack/shared/service/secret'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { voyageStore } from '../src/voyages/voyage.store.ts'
import { keepAll } from './policy.ts'
import { sentence, voyage as statics } from './sentences.ts'
import { scheduleVoyage } from './schedule.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }
const minute = 60_000
const hour = 60 * minute
const now = Date.now()
const at = (hours: number) => new Date(now + hours * hour).toISOString()

const open = () =>
  startTestService(rutas, {
    env: { ...keepAll, VOYAGE_LOOK_SECONDS: '1', TARGET_LOST_MINUTES: '10080' },
  })
let service: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  service = await open()
})
afterAll(() => service[Symbol.asyncDispose]())

const ingest = async (...lines: string[]) => {
  const answer = await service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
  expect(answer).toMatchObject({ status: 200, body: { rejectedCount: 0 } })
}
/** A fix, so many hours from now. */
const heard = (
  mmsi: string,
  { hours, ...place }: { lat: number; lon: number; speed: number; hours: number },
) => sentence({ mmsi, ...place }, { time: now + hours * hour })

const schedule = (MMSINumber: string, [leaves, arrives]: [number, number]) =>
  scheduleVoyage(service, MMSINumber, [at(leaves), at(arrives)])
const depart = (id: string, hours: number) =>
  service.request('POST', `/v1/voyages/${id}/reports`, {
    body: { event: 'DEPARTURE', transportCallReference: 'ESALG-1', time: at(hours) },
  })
const read = async (id: string) => (await service.request('GET', `/v1/voyages/${id}`)).body
const told = async (id: string, type: string) => {
  const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
  return body.events.filter(
    (event: { subject: string; type: string }) => event.subject === id && event.type === type,
  )
}
/** How often the ships of voyages have been looked after. */
const looks = async () => {
  const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
  const counts = metrics.matchAll(/rutas_voyage_looks_total\{outcome="\w+"\} (\d+)/g)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Off Lisbon: some 1,150 nautical miles from Rotterdam. */
const offLisbon = { lat: 38.6, lon: -9.9 }

describe('the estimate of the next call', () => {
  const mmsi = '224800001'

  it('comes with its reasons, and is compared with what was planned and declared', async () => {
    const id = await schedule(mmsi, [-30, 40])
    await depart(id, -30)
    const declared = new Date(now + 72 * hour)
    await ingest(
      heard(mmsi, { ...offLisbon, speed: 16, hours: -0.5 }),
      ...encodeSentences(
        statics({
          mmsi,
          destination: 'NL RTM',
          eta: {
            month: declared.getUTCMonth() + 1,
            day: declared.getUTCDate(),
            hour: declared.getUTCHours(),
            minute: declared.getUTCMinutes(),
          },
        }),
        { time: now - 0.5 * hour },
      ),
    )
    await expect.poll(async () => (await read(id)).eta, patience).not.toBeNull()
    const { eta, calls, deviations } = await read(id)
    expect(eta).toMatchObject({
      transportCallReference: 'NLRTM-1',
      UNLocationCode: 'NLRTM',
      estimatedAt: expect.any(String),
      speed: 16,
      requested: null,
    })
    expect(eta.distance).toBeGreaterThan(1_000)
    expect(eta.distance).toBeLessThan(1_300)
    expect(calls[1].estimatedArrival).toBe(eta.arrival)
    const hours = (Date.parse(eta.arrival) - now) / hour
    expect(hours).toBeCloseTo(eta.distance / 16 - 0.5, 0)
    expect(eta.planned).toMatchObject({ time: at(40), punctuality: 'LATE' })
    expect(eta.reasons.map(({ code }: { code: string }) => code)).toEqual([
      'POSITION',
      'DISTANCE',
      'SPEED_OVER_GROUND',
    ])
    const spanish = await service.request('GET', `/v1/voyages/${id}`, {
      headers: { 'accept-language': 'es' },
    })
    expect(spanish.body.eta.reasons[1].detail).toContain('millas náuticas')
    expect(deviations).toMatchObject([{ kind: 'LATE', until: null }])
    const [event] = await told(id, 'rutas.eta.changed')
    expect(event.data).toMatchObject({
      voyageId: id,
      MMSINumber: mmsi,
      arrival: eta.arrival,
      previous: null,
      planned: { punctuality: 'LATE' },
    })
  })

  it('is told again when it has moved, and not for a trifle', async () => {
    const id = await schedule('224800002', [-30, 90])
    await depart(id, -30)
    await ingest(heard('224800002', { ...offLisbon, speed: 16, hours: -0.5 }))
    await expect.poll(() => told(id, 'rutas.eta.changed'), patience).toHaveLength(1)
    await ingest(heard('224800002', { ...offLisbon, speed: 16, hours: -0.4 }))
    const before = await looks()
    await expect.poll(looks, patience).toBeGreaterThan(before + 4)
    expect(await told(id, 'rutas.eta.changed')).toHaveLength(1)
    await ingest(heard('224800002', { ...offLisbon, speed: 8, hours: -0.3 }))
    await expect.poll(() => told(id, 'rutas.eta.changed'), patience).toHaveLength(2)
    const [first, second] = await told(id, 'rutas.eta.changed')
    expect(second.data.previous).toBe(first.data.arrival)
    expect(second.data.planned.punctuality).toBe('LATE')
    await expect
      .poll(async () => (await read(id)).deviations, patience)
      .toMatchObject([{ kind: 'LATE', until: null }])
    const late = await service.request('GET', '/v1/voyages?deviating=LATE&limit=200')
    expect(late.body.items.map((voyage: { id: string }) => voyage.id)).toContain(id)
  })
})

describe('a voyage without an estimate', () => {
  const absence = async (id: string) => (await read(id)).etaAbsence

  it('says why, as things are now, and no more when there is one', async () => {
    const mmsi = '224800011'
    const id = await schedule(mmsi, [-30, 90])
    const path = `/v1/voyages/${id}`
    expect(await absence(id)).toEqual({
      code: 'POSITION_UNKNOWN',
      detail: `no position of MMSI ${mmsi} has been heard`,
    })
    await depart(id, -30)
    await ingest(heard(mmsi, { ...offLisbon, speed: 1.2, hours: -0.5 }))
    const { headers } = await service.request('GET', path)
    const again = await service.request('GET', path, {
      headers: { 'accept-language': 'es', 'if-none-match': String(headers.etag) },
    })
    expect(again).toMatchObject({
      status: 200,
      body: {
        eta: null,
        etaAbsence: {
          code: 'NOT_UNDER_WAY',
          detail: '1.2 nudos sobre el fondo: el barco no está en camino',
        },
      },
    })
    const { body } = await service.request('GET', `/v1/voyages?MMSINumber=${mmsi}`)
    expect(body.items).toMatchObject([{ eta: null, etaAbsence: { code: 'NOT_UNDER_WAY' } }])
    await ingest(heard(mmsi, { ...offLisbon, speed: 16, hours: -0.4 }))
    await expect.poll(() => read(id), patience).toMatchObject({ eta: {}, etaAbsence: null })
    const known = await service.request('GET', path)
    const unchanged = { 'if-none-match': String(known.headers.etag) }
    expect((await service.request('GET', path, { headers: unchanged })).status).toBe(304)
    await service.request('POST', `${path}/cancel`, { body: { reason: 'turned back' } })
    expect(await read(id)).toMatchObject({ eta: null, etaAbsence: { code: 'VOYAGE_ENDED' } })
  })

  it('has ended, or is ahead', async () => {
    const id = await schedule('224800012', [24 * 9, 24 * 13])
    expect(await absence(id)).toMatchObject({
      code: 'VOYAGE_AHEAD',
      detail: expect.stringContaining(at(24 * 7)),
    })
    const cancelled = await service.request('POST', `/v1/voyages/${id}/cancel`, {
      body: { reason: 'blank sailing' },
    })
    expect(cancelled.body.etaAbsence).toMatchObject({ code: 'VOYAGE_ENDED' })
  })
})

describe('a voyage that tells nothing of the sea', () => {
  const without = () => {
    const key = randomBytes(32).toString('hex')
    const { prisma, database, journal } = service.opened
    return voyageStore({
      prisma,
      database,
      journal,
      cursors: new Cursors(new Secret(() => key)),
      seaNetwork: () => Promise.reject(new Error('the sea network is cut short')),
      toleranceMinutes: 30,
      lostAfter: 7 * 24 * hour,
    })
  }

  it('is read where the network cannot be', async () => {
    const mmsi = '224800013'
    const id = await schedule(mmsi, [-30, 90])
    const store = without()
    const absent = (code: string) => ({ eta: null, etaAbsence: { code } })
    expect(await store.find(id, 'en')).toMatchObject(absent('POSITION_UNKNOWN'))
    await depart(id, -30)
    await ingest(heard(mmsi, { ...offLisbon, speed: 16, hours: -0.4 }))
    await expect.poll(() => read(id), patience).toMatchObject({ eta: {}, etaAbsence: null })
    const ahead = await schedule(mmsi, [24 * 9, 24 * 13])
    const calledOff = await schedule(mmsi, [24 * 19, 24 * 23])
    await service.request('POST', `/v1/voyages/${calledOff}/cancel`, { body: { reason: 'sold' } })
    const { items } = await store.list({ MMSINumber: mmsi }, 'en')
    expect(items).toMatchObject([
      { id, eta: { transportCallReference: 'NLRTM-1' }, etaAbsence: null },
      { id: ahead, ...absent('VOYAGE_AHEAD') },
      { id: calledOff, ...absent('VOYAGE_ENDED') },
    ])
  })

  it('is not where the answer turns on it', async () => {
    const mmsi = '224800014'
    const id = await schedule(mmsi, [-30, 90])
    await depart(id, -30)
    await ingest(heard(mmsi, { ...offLisbon, speed: 1.2, hours: -0.5 }))
    await expect(without().find(id, 'en')).rejects.toThrow('cut short')
  })
})

describe('the route', () => {
  it('is left and found again', async () => {
    const mmsi = '224800003'
    const id = await schedule(mmsi, [-60, 400])
    await depart(id, -60)
    await ingest(heard(mmsi, { lat: 40, lon: -20, speed: 12, hours: -40 }))
    await expect
      .poll(async () => (await read(id)).deviations, patience)
      .toMatchObject([{ kind: 'OFF_ROUTE', transportCallReference: 'NLRTM-1', until: null }])
    expect((await read(id)).deviations[0].nauticalMiles).toBeGreaterThan(300)
    await ingest(heard(mmsi, { lat: 43.5, lon: -9.9, speed: 12, hours: -1 }))
    await expect.poll(async () => (await read(id)).deviations[0].until, patience).toBe(at(-1))
    expect(await told(id, 'rutas.voyage.deviation-ended')).toHaveLength(1)
  })
})

describe('positions near a port that no zone watches', () => {
  it('bring the ship to its call and away again', async () => {
    const mmsi = '224800004'
    const id = await schedule(mmsi, [-90, -20])
    await depart(id, -90)
    const { seaNetwork } = service.opened
    const port = (await seaNetwork()).ports.get('NLRTM')
    if (!port) throw new Error('Rotterdam is not known')
    await ingest(heard(mmsi, { ...port, speed: 0.1, hours: -20 }))
    await expect
      .poll(async () => (await read(id)).calls[1], patience)
      .toMatchObject({ state: 'IN_PORT', arrivalSource: 'POSITION' })
    await ingest(heard(mmsi, { lat: 52.2, lon: 3.4, speed: 14, hours: -2 }))
    await expect
      .poll(() => read(id), patience)
      .toMatchObject({ state: 'COMPLETED', calls: [{}, { departureSource: 'POSITION' }] })
  })
})

describe('a ship of which nothing is heard', () => {
  it('is late when the planned time has gone by', async () => {
    const id = await schedule('224800005', [-5, 90])
    await expect
      .poll(async () => (await read(id)).deviations, patience)
      .toMatchObject([{ kind: 'LATE', transportCallReference: 'ESALG-1', until: null }])
    expect((await read(id)).state).toBe('PLANNED')
    await depart(id, -1)
    expect((await read(id)).deviations).toMatchObject([{ kind: 'LATE', minutes: 240 }])
    expect((await read(id)).deviations[0].until).not.toBeNull()
  })
})
