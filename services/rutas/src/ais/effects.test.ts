import type { AisMessage } from '@porttrack/ais/message'
import { anyMessage } from '@porttrack/ais/testing/messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Zone } from '../zones/zone.schema.ts'
import { shapeOf } from '../zones/zone.ts'
import { zoneRules } from '../zones/zone-index.ts'
import { effectsOf, type Known, type NewMessage } from './effects.ts'
import { HeardStation } from './heard-station.ts'

const circle: Zone = {
  id: '00000000-0000-7000-8000-000000000001',
  name: 'Roads',
  kind: 'anchorage',
  geometry: { type: 'Point', coordinates: [0, 0] },
  radiusMetres: 200_000,
  UNLocationCode: null,
  facilityCode: null,
  stillMinutes: 5,
  dwellMinutes: null,
  speedLimitKnots: null,
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
}
const rules = zoneRules([shapeOf(circle)], 50)

/** What is known before these messages: nothing. */
const nothingOf = (messages: readonly NewMessage[]): Known => {
  const mmsis = new Set(messages.map((each) => each.incoming.mmsi ?? 0))
  const stations = [...mmsis].map((mmsi) => {
    return [mmsi, new HeardStation(mmsi, { target: null, presences: [] })] as const
  })
  return { stations: new Map(stations), rules }
}

/** The same stations for the next group, as it finds them. */
const nextOf = ({ stations }: Known): Known => {
  const next = [...stations].map(([mmsi, station]) => {
    station.remember()
    return [mmsi, new HeardStation(mmsi, station.station)] as const
  })
  return { stations: new Map(next), rules }
}

const rememberedBy = ({ stations }: Known) =>
  [...stations.values()].map((station) => {
    station.remember()
    return station.station
  })

const incoming = (message: AisMessage, time: number, id: number): NewMessage => ({
  id,
  message,
  incoming: {
    payload: '',
    fillBits: 0,
    type: message.type,
    mmsi: Number(message.mmsi),
    time,
    ownTime: true,
    arrival: time,
    source: null,
  },
})

describe('the effects of messages', () => {
  const ships = fc.array(
    fc
      .tuple(anyMessage, fc.constantFrom('224000001', '224000002'), fc.nat(100_000))
      .map(([message, mmsi, time]) => ({ message: { ...message, mmsi } as AisMessage, time })),
    { maxLength: 40 },
  )

  it('are the same however the messages are cut into batches', () => {
    fc.assert(
      fc.property(ships, fc.nat(40), (all, cut) => {
        const messages = all.map(({ message, time }, n) => incoming(message, time * 1_000, n + 1))
        const known = nothingOf(messages)
        const whole = effectsOf(messages, known)
        const before = nothingOf(messages)
        const first = effectsOf(messages.slice(0, cut), before)
        const between = structuredClone(rememberedBy(before))
        const after = nextOf(before)
        const second = effectsOf(messages.slice(cut), after)
        expect([...after.stations.values()].map((each) => each.before)).toEqual(
          between.map(({ target }) => target),
        )
        expect(rememberedBy(after)).toEqual(rememberedBy(known))
        expect([...first.zoneReports, ...second.zoneReports]).toEqual(whole.zoneReports)
        const released = new Set(second.released.map(({ messageId }) => messageId))
        const positions = [...first.positions, ...second.positions].map((row) =>
          released.has(row.report.id) ? { ...row, quarantined: false } : row,
        )
        expect(positions).toEqual(whole.positions)
      }),
    )
  })

  it('hold each position that is available, and each other message, once', () => {
    fc.assert(
      fc.property(ships, (all) => {
        const messages = all.map(({ message, time }, n) => incoming(message, time, n + 1))
        const { positions, others } = effectsOf(messages, nothingOf(messages))
        const expected = all.filter(
          ({ message }) =>
            [1, 2, 3, 18, 19, 27].includes(message.type) &&
            'lat' in message &&
            message.lat !== null &&
            message.lon !== null,
        )
        expect(positions).toHaveLength(expected.length)
        const reports = new Set(positions.map(({ report }) => report))
        expect(others).toEqual(messages.filter((message) => !reports.has(message)))
      }),
    )
  })

  it('release the suspect that a second fix agrees with, and land the ship there', () => {
    const at = (lat: number, lon: number, seconds: number, id: number) =>
      incoming(
        {
          type: 27,
          repeat: 0,
          mmsi: '224000001',
          accuracy: true,
          raim: false,
          status: 0,
          lat,
          lon,
          speed: 5,
          course: 0,
        },
        seconds * 1_000,
        id,
      )
    const agreed = [at(40, 40, 0, 1), at(1, 0, 60, 2), at(1, 0.001, 120, 3)]
    const effects = effectsOf(agreed, nothingOf(agreed))
    expect(effects.positions.map(({ quarantined }) => quarantined)).toEqual([false, false, false])
    expect(effects.zoneReports).toMatchObject([{ kind: 'entered', at: { time: 60_000, lat: 1 } }])
    const known = nothingOf(agreed)
    const alone = effectsOf(agreed.slice(0, 2), known)
    expect(alone.positions.map(({ quarantined }) => quarantined)).toEqual([false, true])
    expect(known.stations.get(224_000_001)?.target?.fix).toMatchObject({ lat: 40 })
    expect(alone.zoneReports).toEqual([])
  })

  it('take over what a message says beside a name that is in doubt', () => {
    const named = (name: string, destination: string, id: number) =>
      incoming(
        {
          type: 5,
          repeat: 0,
          mmsi: '224000001',
          aisVersion: 0,
          imo: '9074729',
          imoValid: true,
          flagStateNumber: null,
          callSign: 'EAAA',
          name,
          shipType: 70,
          dimensions: null,
          fixType: 1,
          eta: { month: null, day: null, hour: null, minute: null },
          draught: 7,
          destination,
          dteReady: true,
        },
        id * 60_000,
        id,
      )
    const messages = [named('OLD', 'ESALG', 1), named('OLD', 'ESALG', 2), named('NEW', 'NLRTM', 3)]
    const known = nothingOf(messages)
    effectsOf(messages, known)
    expect(known.stations.get(224_000_001)?.target).toMatchObject({
      name: 'OLD',
      nameConfirmed: true,
      nameCandidate: 'NEW',
      destination: 'NLRTM',
    })
  })
})
