import { startFeed } from '@porttrack/shared/testing/start-feed'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etaChanged, zoneEvent } from './rutas.ts'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }

const issuer = new TokenIssuer()
let rutas: Awaited<ReturnType<typeof startFeed>>
let barcos: TestBarcos
beforeAll(async () => {
  rutas = await startFeed('rutas', { issuer, reader: 'barcos' })
  barcos = await startBarcos({ issuer, rutasUrl: rutas.url })
})
afterAll(async () => {
  await barcos[Symbol.asyncDispose]()
  await rutas[Symbol.asyncDispose]()
})

type Entry = {
  time: string
  source: string
  effective: boolean
  timestamp: Record<string, string> | null
}

/** `SERVICE EVENT hh:mm` of a call's timestamps, in the order of the timeline. */
const timestampsOf = async (id: string, service = barcos) => {
  const { body } = await service.request('GET', `/v1/port-calls/${id}/timeline?limit=200`)
  const entries: Entry[] = body.items
  return entries.flatMap(({ timestamp, time }) =>
    timestamp
      ? [
          `${timestamp.portCallServiceTypeCode} ${timestamp.portCallServiceEventTypeCode} ${time.slice(11, 16)}`,
        ]
      : [],
  )
}
const orphansOf = async (mmsi: string) =>
  (await barcos.request('GET', `/v1/timestamps?orphan=true&MMSINumber=${mmsi}`)).body.items
const at = (time: string) => `2026-11-01T${time}:00.000Z`

describe('what rutas sees', () => {
  it('becomes actual timestamps on the timeline of the ship’s call', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id, { eta: at('08:00') })
    await rutas.publish(
      zoneEvent('entered', 'port-area', { ship, time: at('07:00') }),
      zoneEvent('entered', 'anchorage', { ship, time: at('07:30') }),
      zoneEvent('left', 'anchorage', { ship, time: at('08:30') }),
      zoneEvent('entered', 'pilot-boarding', { ship, time: at('09:00') }),
      zoneEvent('left', 'pilot-boarding', { ship, time: at('09:10') }),
      zoneEvent('entered', 'berth', { ship, time: at('09:50') }),
      zoneEvent('stopped', 'berth', { ship, time: at('10:00'), facilityCode: 'TTIA' }),
      zoneEvent('entered', 'custom', { ship, time: at('10:30') }),
      zoneEvent('left', 'berth', { ship, time: at('20:00'), stoppedAt: at('10:00') }),
      zoneEvent('left', 'port-area', { ship, time: at('21:00') }),
    )
    await expect
      .poll(() => timestampsOf(call.id), patience)
      .toEqual([
        'SEA_PASSAGE CMPL 07:00',
        'ANCHORAGE STRT 07:30',
        'ANCHORAGE CMPL 08:30',
        'PILOT_BOARDING_PLACE ARRI 09:00',
        'BERTH ARRI 10:00',
        'BERTH DEPA 20:00',
        'SEA_PASSAGE STRT 21:00',
      ])
    const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline`, {
      as: agent,
    })
    expect(body.items[4]).toMatchObject({
      kind: 'TIMESTAMP',
      source: 'AIS',
      effective: true,
      timestamp: {
        classifierCode: 'ACT',
        source: 'AIS',
        recordedBy: null,
        serviceLocation: {
          UNLocationCode: 'ESALG',
          facilityCode: 'TTIA',
          locationName: 'A berth',
          geoCoordinate: { latitude: 36.13, longitude: -5.43 },
        },
        reportedVessel: {
          MMSINumber: ship.MMSINumber,
          vesselIMONumber: ship.vesselIMONumber,
          name: 'ALGECIRAS STAR',
        },
      },
    })
    const told = (await barcos.events()).filter(
      ({ type, data }) => type === 'barcos.timestamp.recorded' && data.portCallId === call.id,
    )
    expect(told).toHaveLength(7)
    const { body: after } = await barcos.request('GET', `/v1/port-calls/${call.id}`)
    expect(after).toMatchObject({ state: 'ANNOUNCED', version: 1 })
  })

  it('is no departure from a berth where the ship only passed', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id)
    await rutas.publish(
      zoneEvent('entered', 'berth', { ship, time: at('09:00') }),
      zoneEvent('left', 'berth', { ship, time: at('09:05'), stoppedAt: null }),
      zoneEvent('left', 'berth', { ship, time: at('09:10') }),
      // One who leaves another zone need not have stopped there.
      zoneEvent('left', 'anchorage', { ship, time: at('09:15'), stoppedAt: null }),
      zoneEvent('left', 'port-area', { ship, time: at('09:20'), stoppedAt: null }),
      zoneEvent('left', 'berth', { ship, time: at('09:30'), stoppedAt: at('09:25') }),
    )
    await expect
      .poll(() => timestampsOf(call.id), patience)
      .toEqual(['ANCHORAGE CMPL 09:15', 'SEA_PASSAGE STRT 09:20', 'BERTH DEPA 09:30'])
  })

  it('neither stands in a person’s way nor counts against what a person says', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id)
    await rutas.publish(zoneEvent('stopped', 'berth', { ship, time: at('10:00') }))
    await expect.poll(() => timestampsOf(call.id), patience).toHaveLength(1)
    // Fast before AIS has the ship at the berth: a person knows better.
    for (const [service, time] of [
      ['ALL_FAST', '09:58'],
      ['BERTH', '09:55'],
    ] as const) {
      const stamp = {
        portCallServiceTypeCode: service,
        portCallServiceEventTypeCode: 'ARRI',
        classifierCode: 'ACT',
        serviceDateTime: at(time),
      }
      const path = `/v1/port-calls/${call.id}/timestamps`
      expect(await barcos.post(path, stamp, { as: agent })).toMatchObject({ status: 201 })
    }
    await rutas.publish(zoneEvent('stopped', 'berth', { ship, time: at('10:01') }))
    await expect.poll(() => timestampsOf(call.id), patience).toHaveLength(4)
    const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline`)
    const rows = body.items.map(({ time, source, effective }: Entry) => [
      time.slice(11, 16),
      source,
      effective,
    ])
    expect(rows.slice(0, 4)).toEqual([
      ['09:55', 'PERSON', true],
      ['09:58', 'PERSON', true],
      ['10:00', 'AIS', false],
      ['10:01', 'AIS', false],
    ])
  })

  it('says when a ship is expected, until someone else does or it has come', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id, { eta: at('08:00') })
    const negotiation = async () => {
      const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}/services`)
      return body.items.map((each: Record<string, unknown>) => each['negotiation'])
    }
    await rutas.publish(etaChanged({ ship, arrival: at('09:00') }))
    await rutas.publish(etaChanged({ ship, arrival: at('09:40') }))
    const arrival = 'PILOT_BOARDING_PLACE ARRI'
    await expect
      .poll(() => timestampsOf(call.id), patience)
      .toEqual([`${arrival} 09:00`, `${arrival} 09:40`])
    expect(await negotiation()).toMatchObject([
      { state: 'ESTIMATED', serviceDateTime: at('09:40') },
    ])
    for (const [classifierCode, as] of [
      ['EST', agent],
      ['REQ', undefined],
    ] as const) {
      const stamp = {
        portCallServiceTypeCode: 'PILOT_BOARDING_PLACE',
        portCallServiceEventTypeCode: 'ARRI',
        portCallPhaseTypeCode: 'INBD',
        classifierCode,
        serviceDateTime: at('10:00'),
      }
      const path = `/v1/port-calls/${call.id}/timestamps`
      expect(await barcos.post(path, stamp, as ? { as } : {})).toMatchObject({ status: 201 })
    }
    await rutas.publish(etaChanged({ ship, arrival: at('11:30') }))
    await expect.poll(() => timestampsOf(call.id), patience).toHaveLength(5)
    expect(await negotiation()).toMatchObject([
      { state: 'REQUESTED', serviceDateTime: at('10:00') },
    ])
    const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline`)
    const estimates = body.items.filter(
      ({ timestamp }: Entry) => timestamp?.['classifierCode'] === 'EST',
    )
    expect(
      estimates.map(({ time, source, effective }: Entry) => [time, source, effective]),
    ).toEqual([
      [at('09:00'), 'AIS', false],
      [at('09:40'), 'AIS', false],
      [at('10:00'), 'PERSON', true],
      [at('11:30'), 'AIS', false],
    ])
    await rutas.publish(
      zoneEvent('entered', 'pilot-boarding', { ship, time: at('10:20') }),
      etaChanged({ ship, arrival: at('12:00') }),
      zoneEvent('entered', 'anchorage', { ship, time: at('12:30') }),
    )
    await expect
      .poll(async () => (await timestampsOf(call.id)).at(-1), patience)
      .toBe('ANCHORAGE STRT 12:30')
    expect(await timestampsOf(call.id)).toHaveLength(7)
  })

  it('expects a ship at the call that is named, or that it may mean, and at no other place', async () => {
    const ship = await barcos.registerVessel()
    const later = await barcos.announce(ship.id, { eta: '2026-12-24T08:00:00Z' })
    const late = await barcos.announce(ship.id, { eta: '2026-10-20T08:00:00Z' })
    await rutas.publish(
      etaChanged({ ship, arrival: at('09:00') }),
      etaChanged({ ship, arrival: at('09:10'), UNLocationCode: 'NLRTM' }),
      etaChanged({ ship, arrival: at('09:20'), UNLocationCode: 'NLRTM', portCallId: late.id }),
      etaChanged({ ship, arrival: at('09:30'), portCallId: late.id }),
    )
    await expect
      .poll(() => timestampsOf(late.id), patience)
      .toEqual(['PILOT_BOARDING_PLACE ARRI 09:30'])
    expect(await timestampsOf(later.id)).toEqual([])
    expect(await orphansOf(ship.MMSINumber)).toEqual([])
  })

  it('expects no ship whose arrival was called off', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id, { eta: at('08:00') })
    await rutas.publish(etaChanged({ ship, arrival: at('09:00') }))
    await expect.poll(() => timestampsOf(call.id), patience).toHaveLength(1)
    await barcos.post(`/v1/port-calls/${call.id}/cancel`)
    await rutas.publish(
      etaChanged({ ship, arrival: at('10:00'), portCallId: call.id }),
      zoneEvent('entered', 'anchorage', { ship, time: at('12:30') }),
    )
    await expect.poll(() => orphansOf(ship.MMSINumber), patience).toHaveLength(1)
    expect(await timestampsOf(call.id)).toHaveLength(1)
  })

  it('is matched by IMO number before MMSI, and by MMSI when the IMO number cannot be one', async () => {
    const ship = await barcos.registerVessel()
    const other = await barcos.registerVessel()
    const call = await barcos.announce(ship.id)
    const otherCall = await barcos.announce(other.id)
    const { vesselIMONumber, MMSINumber } = ship
    const unknown = nextIdentity()
    await rutas.publish(
      zoneEvent('entered', 'port-area', {
        ship: { vesselIMONumber, MMSINumber: other.MMSINumber },
        time: at('01:00'),
      }),
      zoneEvent('entered', 'anchorage', {
        ship: { vesselIMONumber: '1234560', MMSINumber },
        time: at('02:00'),
      }),
      zoneEvent('left', 'anchorage', { ship: { MMSINumber }, time: at('03:00') }),
      zoneEvent('entered', 'pilot-boarding', {
        ship: { vesselIMONumber: unknown.vesselIMONumber, MMSINumber },
        time: at('04:00'),
      }),
    )
    await expect
      .poll(() => timestampsOf(call.id), patience)
      .toEqual([
        'SEA_PASSAGE CMPL 01:00',
        'ANCHORAGE STRT 02:00',
        'ANCHORAGE CMPL 03:00',
        'PILOT_BOARDING_PLACE ARRI 04:00',
      ])
    expect(await timestampsOf(otherCall.id)).toEqual([])
  })

  it('belongs to the open call at the place whose ETA is nearest', async () => {
    const ship = await barcos.registerVessel()
    const early = await barcos.announce(ship.id, { eta: '2026-10-01T00:00:00Z' })
    const near = await barcos.announce(ship.id, { eta: '2026-11-03T00:00:00Z' })
    const cancelled = await barcos.announce(ship.id, { eta: '2026-11-01T00:00:00Z' })
    await barcos.post(`/v1/port-calls/${cancelled.id}/cancel`)
    const elsewhere = await barcos.announce(ship.id, {
      eta: '2026-11-01T00:00:00Z',
      UNLocationCode: 'ESVLC',
    })
    await rutas.publish(zoneEvent('entered', 'port-area', { ship, time: at('05:00') }))
    await expect.poll(() => timestampsOf(near.id), patience).toEqual(['SEA_PASSAGE CMPL 05:00'])
    for (const { id } of [early, cancelled, elsewhere]) expect(await timestampsOf(id)).toEqual([])
  })

  it('is kept as an orphan when nobody announced the ship, or not here', async () => {
    const announced = await barcos.registerVessel()
    await barcos.announce(announced.id, { UNLocationCode: 'ESVLC' })
    const stranger = nextIdentity()
    await rutas.publish(
      zoneEvent('entered', 'port-area', { ship: announced, time: at('06:00') }),
      zoneEvent('entered', 'port-area', { ship: stranger, time: at('06:00') }),
      zoneEvent('entered', 'anchorage', {
        ship: stranger,
        time: at('06:30'),
        UNLocationCode: null,
      }),
    )
    await expect.poll(() => orphansOf(stranger.MMSINumber), patience).toHaveLength(2)
    expect(await orphansOf(announced.MMSINumber)).toMatchObject([
      { portCallId: null, source: 'AIS', portCallServiceTypeCode: 'SEA_PASSAGE' },
    ])
    const { body } = await barcos.request('GET', '/v1/timestamps?orphan=true', { as: agent })
    expect(body.items).toEqual([])
    const attached = await barcos.request('GET', '/v1/timestamps?orphan=false&limit=200')
    expect(
      attached.body.items.every(({ portCallId }: Entry & { portCallId: string }) => portCallId),
    ).toBe(true)
  })

  it('is skipped, counted and logged when it is not as agreed, and what follows goes on', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id)
    const good = zoneEvent('entered', 'port-area', { ship, time: at('11:00') })
    const { data } = good
    const bad: object[] = [
      {},
      { ...data, mmsi: 224_000_001 },
      { ...data, mmsi: '22400' },
      { ...data, imo: undefined },
      { ...data, time: 'yesterday' },
      { ...data, time: '2026-02-30T10:00:00Z' },
      { ...data, time: '2016-12-31T23:59:60Z' },
      { ...data, time: '0000-01-01T00:00:00Z' },
      { ...data, position: { lat: 91, lon: 181 } },
      { ...data, position: null },
      { ...data, stoppedAt: 'yesterday' },
      { ...data, zone: null },
      { ...data, zone: { ...data.zone, UNLocationCode: 'nowhere' } },
      { ...data, zone: { ...data.zone, name: 'x'.repeat(1_000) } },
      [data],
    ]
    await rutas.publish(...bad.map((each) => ({ ...good, data: each })), good)
    await expect.poll(() => timestampsOf(call.id), patience).toEqual(['SEA_PASSAGE CMPL 11:00'])
    const metrics = await (await fetch(`${barcos.managementUrl}/metrics`)).text()
    expect(metrics).toContain(
      `barcos_malformed_events_total{type="rutas.zone.entered"} ${bad.length}`,
    )
    expect(metrics).toMatch(
      /^barcos_timestamps_recorded_total\{source="AIS",service_type="SEA_PASSAGE"\} \d+$/m,
    )
    expect(metrics).toMatch(/^barcos_orphan_timestamps_total [1-9]/m)
    expect(metrics).not.toContain('feed_consumer_failures_total{source="rutas"')
    const skipped = barcos.logs().filter(({ message }) => /skipped/.test(String(message)))
    expect(skipped).toHaveLength(bad.length)
  })

  it('has its effect once, in order, across a restart and when the feed is read anew', async () => {
    const ship = await barcos.registerVessel()
    const call = await barcos.announce(ship.id)
    const events = Array.from({ length: 250 }, (_, n) =>
      zoneEvent(n % 2 === 0 ? 'entered' : 'left', 'anchorage', {
        ship,
        time: new Date(Date.parse(at('12:00')) + n * 60_000).toISOString(),
      }),
    )
    const { databaseUrl } = barcos
    const first = await startBarcos({ issuer, rutasUrl: rutas.url, databaseUrl })
    await rutas.publish(...events.slice(0, 150))
    // Ended in the midst of it, while the other instance reads the same feed.
    await first.close()
    await rutas.publish(...events.slice(150))
    const count = async () => {
      const [row] = await barcos.opened.database.sql<{ all: number; different: number }>(
        `SELECT count(*)::int AS all, count(DISTINCT service_time)::int AS different
         FROM port_call_timestamp WHERE port_call_id = $1::uuid`,
        [call.id],
      )
      return row
    }
    await expect.poll(count, patience).toEqual({ all: 250, different: 250 })
    const told = async () =>
      (await barcos.events()).filter(({ data }) => data.portCallId === call.id).length
    const before = await told()

    await barcos.opened.database.sql(`DELETE FROM kit.feed_cursor WHERE source = 'rutas'`)
    // What comes behind all that is met again shows that it was.
    await rutas.publish(zoneEvent('entered', 'port-area', { ship, time: at('23:00') }))
    await expect.poll(count, patience).toEqual({ all: 251, different: 251 })
    expect(await told()).toBe(before + 1)
  })
})
