import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import type { Platform } from '@porttrack/scripts/platform/platform'
import { expect, vi } from 'vitest'
import { announceCall } from '../e2e/announced-call.ts'
import { ladenContainer } from '../e2e/containers.ts'
import { clientOf, succeeding } from '../e2e/client.ts'
import { fixLine } from '../e2e/fixes.ts'

/** What stands in a day's requests that no log may show. */
export const personal = {
  name: 'Ermenegilda',
  family: 'Zubizarreta',
  email: 'ermenegilda.z@example.com',
  phone: '+34699887766',
  /** A token that is refused. */
  token: 'eyJhbGciOiJSUzI1NiJ9.c2VjcmV0bHktcGVyc29uYWw.bm90LWEtc2lnbmF0dXJl',
} as const

const hour = 3_600_000
const at = (hours: number) => new Date(Date.now() + hours * hour).toISOString()

/**
 * One thing of each kind that a port does, through the gateway: a ship that is announced, gets a berth
 * and comes in by AIS, a box that is moved, someone assigned and someone refused for want of rest, a
 * webhook, a search by a name, and callers who are refused.
 *
 * @param receiver URL that is told of events by webhook
 */
export const livePortDay = async (platform: Platform, receiver: string) => {
  const client = clientOf(platform)
  const ok = succeeding(client)

  // A service that is away, and comes back.
  await platform.process('carga').kill()
  const away = await client('GET /carga/v1/container-visits', { as: 'viewer' })
  expect(away.status).toBe(503)
  await platform.process('carga').start()

  await ok('POST /barcos/v1/webhooks', {
    as: 'admin',
    body: { url: receiver, eventTypes: ['barcos.port-call.announced'] },
  })
  const ship = { vesselIMONumber: '9074729', MMSINumber: '224123000' }
  const { portCall: call } = await announceCall(ok, {
    ship: { ...ship, name: 'ESTRELLA DEL SUR' },
    eta: at(-0.3),
    etd: at(24),
  })
  await ok('POST /rutas/v1/zones', {
    as: 'harbour-master',
    body: {
      name: 'Bahía',
      kind: 'port-area',
      geometry: { type: 'Polygon', coordinates: [ring(36.1, -5.45, 0.05)] },
      UNLocationCode: 'ESALG',
    },
  })
  const start = Date.now() - 40 * 60_000
  const fixAt = (minute: number) =>
    fixLine({
      mmsi: ship.MMSINumber,
      lat: 36.1,
      lon: -5.36 - minute * 0.004,
      course: 270,
      time: start + minute * 60_000,
    })
  const lines = Array.from({ length: 20 }, (_, minute) => fixAt(minute))
  const ais = {
    as: 'ais-receiver',
    headers: { 'content-type': 'application/x-ndjson' },
  } as const
  await ok('POST /rutas/v1/ais', {
    ...ais,
    body: [...lines, ...lines, '{"sentence":"!AIVDM,1,1,,A,x,0*00"}'].join('\n'),
  })
  await ok('GET /rutas/v1/targets?bbox=-6,36,-5,37', { as: 'viewer' })
  const voyage = await ok('POST /rutas/v1/voyages', {
    as: 'harbour-master',
    body: {
      vesselIMONumber: ship.vesselIMONumber,
      MMSINumber: ship.MMSINumber,
      carrierVoyageNumber: '017W',
      calls: [
        {
          transportCallReference: 'MAPTM-1',
          UNLocationCode: 'MAPTM',
          plannedDeparture: at(-6),
        },
        {
          transportCallReference: 'ESALG-1',
          UNLocationCode: 'ESALG',
          plannedArrival: at(-0.3),
          plannedDeparture: at(24),
        },
        { UNLocationCode: 'NLRTM', plannedArrival: at(120) },
      ],
    },
  })
  // The leg is over, and is a span of the voyage's trace.
  for (const [event, transportCallReference, hours] of [
    ['DEPARTURE', 'MAPTM-1', -6],
    ['ARRIVAL', 'ESALG-1', -0.2],
  ] as const) {
    await ok(`POST /rutas/v1/voyages/${voyage.id}/reports`, {
      as: 'harbour-master',
      body: { event, transportCallReference, time: at(hours) },
    })
  }

  const visit = await ok('POST /carga/v1/container-visits', {
    as: 'terminal-planner',
    body: {
      equipmentReference: 'CSQU3054383',
      ...ladenContainer,
      flow: 'IMPORT',
    },
  })
  await ok(`POST /carga/v1/container-visits/${visit.id}/events`, {
    as: 'terminal-planner',
    body: { eventCode: 'DISC', eventClassifierCode: 'ACT', eventDateTime: at(-1) },
  })

  // What carga expects of the call, which personal makes demand for gangs of; carga knows of the call by
  // barcos's feed, and until then has no list of it.
  const list = [
    'equipmentReference,ISOEquipmentCode,isEmpty,portOfLoading',
    'CSQU3054383,22G1,false,NLRTM',
  ]
  await vi.waitFor(
    () =>
      ok(`POST /carga/v1/port-calls/${call.id}/discharge-list/import`, {
        as: 'terminal-planner',
        headers: { 'content-type': 'text/csv' },
        body: list.join('\r\n'),
      }),
    { timeout: 20_000, interval: 250 },
  )

  const employee = await ok('POST /personal/v1/employees', {
    as: 'staff-planner',
    body: {
      personnelNumber: 'P-0001',
      givenName: personal.name,
      familyName: personal.family,
      email: personal.email,
      phone: personal.phone,
      organization: 'pilots',
      roles: ['PILOT'],
      skills: [],
      restProfile: 'STCW_MLC',
    },
  })
  const assign = async (from: number, to: number) => {
    const shift = await ok('POST /personal/v1/shifts', {
      as: 'staff-planner',
      body: {
        UNLocationCode: 'ESALG',
        kindOfWork: 'PILOTAGE',
        portCallId: call.id,
        startsAt: at(from),
        endsAt: at(to),
        positions: [{ role: 'PILOT' }],
      },
    })
    const answer = await client(`POST /personal/v1/shifts/${shift.id}/assignments`, {
      as: 'staff-planner',
      body: { positionId: shift.positions[0].id, employeeId: employee.id },
    })
    return { ...answer, shiftId: shift.id as string }
  }
  const assigned = await assign(24, 34)
  expect(assigned).toMatchObject({ status: 201 })
  // barcos hears of it, since it serves the call.
  await ok(`POST /personal/v1/shifts/${assigned.shiftId}/publish`, { as: 'staff-planner' })
  expect(await assign(42, 48)).toMatchObject({ status: 422, body: { code: 'ASSIGNMENT_REFUSED' } })
  await ok(`GET /personal/v1/employees?name=${personal.family}`, { as: 'staff-planner' })

  const refused = await fetch(`${platform.gatewayUrl}/barcos/v1/vessels`, {
    headers: { authorization: `Bearer ${personal.token}`, cookie: `session=${personal.token}` },
  })
  expect(refused.status).toBe(401)
  expect(await client('GET /barcos/v1/vessels?unknown=1', { as: 'viewer' })).toMatchObject({
    status: 400,
  })
  // Whatever is asked for, with whatever method, is one series.
  for (const path of ['/nowhere', '/barcos/v1/vessels/x/y/z', '/%00', `/${'a'.repeat(2_000)}`]) {
    await fetch(`${platform.gatewayUrl}${path}`, { method: 'PROPFIND' })
  }
  // Nor does what a header says become a series.
  const authorization = `Bearer ${await platform.token('viewer')}`
  for (const prefix of [
    '/barcos/v1/vessels',
    '/carga/v1/container-visits',
    '/rutas/v1/targets',
    '/personal/v1/shifts',
  ]) {
    await fetch(`${platform.gatewayUrl}${prefix}`, {
      headers: {
        ...Object.fromEntries(namesOfHeaders.map((name) => [name, madeUp])),
        authorization,
      },
    })
  }
  await readLive(platform)
  // More than the caller's limit, so that some are refused.
  await Promise.all(
    Array.from({ length: 200 }, () => client('GET /carga/v1/container-visits', { as: 'reader' })),
  )
  await knockWithoutCertificate(new URL(platform.serviceUrl('carga')))
  // Things go on: what happens once is a series, and only what happens again is a rate.
  for (let round = 1; round <= 10; round += 1) {
    await ok('POST /rutas/v1/ais', { ...ais, body: fixAt(20 + round) })
    for (const path of [
      '/barcos/v1/vessels',
      '/carga/v1/container-visits',
      '/rutas/v1/targets',
      '/personal/v1/employees',
    ]) {
      await client(`GET ${path}`, { as: 'admin' })
    }
    await sleep(1_000)
  }
  return { call: client }
}

/** Headers that callers choose, and what no label may hold of them. */
const namesOfHeaders = [
  'accept-language',
  'baggage',
  'idempotency-key',
  'origin',
  'tracestate',
  'user-agent',
  'x-canary',
  'x-forwarded-for',
  'x-request-id',
  'x-tenant',
] as const
export const madeUp = 'made-up-by-a-caller'

/** Reads the live stream until its first line. */
const readLive = async (platform: Platform): Promise<void> => {
  const over = new AbortController()
  const stream = await fetch(`${platform.gatewayUrl}/rutas/v1/live?bbox=-6,36,-5,37`, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${await platform.token('viewer')}`,
    },
    signal: over.signal,
  })
  expect(stream.status).toBe(200)
  over.abort()
}

/** A caller that shows no certificate, and is sent away. */
const knockWithoutCertificate = ({ hostname, port }: URL): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
    socket.on('error', () => undefined).on('close', () => resolve())
    socket.write('GET / HTTP/1.1\r\n\r\n')
  })

/** A square of `size` degrees around a point, as a closed ring. */
const ring = (lat: number, lon: number, size: number): [number, number][] => {
  const [south, north, west, east] = [lat - size, lat + size, lon - size, lon + size]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}
