import { beforeAll, describe, expect, it } from 'vitest'
import { decodeSeaNetwork, readSeaNetworkFile, type SeaNetwork } from '../sea-routes/sea-network.ts'
import type { Fix } from '../targets/fix.ts'
import { type Unestimated, whyNoEta } from './eta-absence.ts'

const hour = 3_600_000
const now = Date.UTC(2026, 9, 1)
const clock = { now, lostAfter: hour }
/** Off Lisbon, on its way. */
const fix: Fix = {
  time: now - 60_000,
  ownTime: true,
  lat: 38.6,
  lon: -9.9,
  speed: 14,
  course: null,
  heading: null,
  status: null,
}

let network: SeaNetwork
beforeAll(async () => {
  network = decodeSeaNetwork(await readSeaNetworkFile())
})

type Call = Unestimated['calls'][number]
const call = (UNLocationCode: string, state: Call['state'], given: Partial<Call> = {}): Call => ({
  UNLocationCode,
  state,
  plannedArrival: null,
  plannedDeparture: null,
  ...given,
})
const begun = call('ESALG', 'DEPARTED', { plannedDeparture: now - 24 * hour })
const sailing: Unestimated = {
  state: 'UNDERWAY',
  calls: [begun, call('NLRTM', 'EXPECTED')],
  MMSINumber: '224800001',
  watchAt: now + 5 * 60_000,
}

describe('why a voyage has no estimate', () => {
  it.each<[string, string, Partial<Unestimated>, Partial<Fix> | null]>([
    ['VOYAGE_ENDED', 'has ended', { state: 'COMPLETED' }, {}],
    [
      'NO_CALL_AHEAD',
      'no call',
      { state: 'IN_PORT', calls: [begun, call('NLRTM', 'IN_PORT')] },
      {},
    ],
    [
      'VOYAGE_AHEAD',
      'from 2 days before the voyage begins: from 2026-10-01T01:00:00.000Z',
      {
        state: 'PLANNED',
        calls: [call('ESALG', 'EXPECTED', { plannedDeparture: now + 49 * hour })],
      },
      {},
    ],
    [
      'NOT_DEPARTED',
      'has not left ESALG',
      {
        state: 'PLANNED',
        calls: [call('ESALG', 'IN_PORT', { plannedDeparture: now }), call('NLRTM', 'EXPECTED')],
      },
      {},
    ],
    [
      'NOT_DEPARTED',
      'has begun',
      {
        state: 'PLANNED',
        calls: [call('ESALG', 'OMITTED', { plannedDeparture: now }), call('NLRTM', 'EXPECTED')],
      },
      {},
    ],
    ['MMSI_UNKNOWN', 'MMSI', { MMSINumber: null }, null],
    ['POSITION_UNKNOWN', 'no position of MMSI 224800001', {}, null],
    ['POSITION_OLD', 'more than 60 minutes ago', {}, { time: now - hour - 1 }],
    ['POSITION_AHEAD', 'still to come', {}, { time: now + 61_000 }],
    ['PORT_POSITION_UNKNOWN', 'ESXXX', { calls: [begun, call('ESXXX', 'EXPECTED')] }, {}],
    // Madrid.
    ['NOT_AT_SEA', '40.400° -3.700°', {}, { lat: 40.4, lon: -3.7 }],
    ['NOT_UNDER_WAY', '2.9 knots', {}, { speed: 2.9 }],
    ['NOT_UNDER_WAY', 'speed', {}, { speed: null }],
    ['NOT_RECKONED_YET', 'due at 2026-10-01T00:05:00.000Z', {}, {}],
  ])('is %s: …%s…', async (code, words, voyage, known) => {
    const why = await whyNoEta(
      { ...sailing, ...voyage },
      { fix: known && { ...fix, ...known }, seaNetwork: async () => network, clock },
    )
    expect(why.code).toBe(code)
    expect(why.detail.en).toContain(words)
    expect(why.detail.es).not.toBe(why.detail.en)
  })
})
