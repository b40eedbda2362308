import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metresPerDegree } from '../geography/geodesy.ts'
import { followMove, type Presence, type ZoneFix, type ZoneTransition } from './presence.ts'
import type { Zone } from './zone.schema.ts'
import { inside, onPlane, shapeOf } from './zone.ts'
import { zoneRules } from './zone-index.ts'

const zone = (change: Partial<Zone> = {}): Zone => ({
  id: '00000000-0000-7000-8000-000000000001',
  name: 'Berth',
  kind: 'berth',
  // About 1,113 m wide and high, on the equator.
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [10, 0],
        [10.01, 0],
        [10.01, 0.01],
        [10, 0.01],
        [10, 0],
      ],
    ],
  },
  radiusMetres: null,
  UNLocationCode: null,
  facilityCode: null,
  stillMinutes: 5,
  dwellMinutes: null,
  speedLimitKnots: null,
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
  ...change,
})

/** Follows a ship from fix to fix; `metres` are east of the zone's western border. */
const sail = (
  fixes: readonly { metres: number; minute: number; speed?: number | null }[],
  { zones = [zone()], marginMetres = 50 }: { zones?: Zone[]; marginMetres?: number } = {},
) => {
  const rules = zoneRules(zones.map(shapeOf), marginMetres)
  let presences: readonly Presence[] = []
  let from: ZoneFix | null = null
  const told: ZoneTransition[] = []
  for (const { metres, minute, speed = 10 } of fixes) {
    const to = { time: minute * 60_000, lat: 0.005, lon: 10 + metres / metresPerDegree, speed }
    const followed = followMove(presences, { from, to }, rules)
    presences = followed.presences
    told.push(...followed.transitions)
    from = to
  }
  return { presences, told: told.map(rowOf) }
}

/** What was told and when, in minutes; of a ship that left, also when it had become still. */
const rowOf = (told: ZoneTransition) => {
  const row = [told.kind, told.at.time / 60_000]
  if (told.kind !== 'left') return row
  return [...row, told.stoppedAt === null ? null : told.stoppedAt / 60_000]
}

describe('a ship at a zone', () => {
  it('enters where it crosses the border, in proportion', () => {
    const { told } = sail([
      { metres: -100, minute: 0 },
      { metres: 300, minute: 4 },
    ])
    expect(told).toEqual([['entered', expect.closeTo(1, 3)]])
  })

  it('has entered at its first fix, when that is inside', () => {
    expect(sail([{ metres: 10, minute: 3 }]).told).toEqual([['entered', 3]])
  })

  it('enters and leaves when it passes through between two fixes', () => {
    const { told, presences } = sail([
      { metres: -1_000, minute: 0 },
      { metres: 3_000, minute: 40 },
    ])
    expect(told).toEqual([
      ['entered', expect.closeTo(10, 2)],
      ['left', expect.closeTo(21.1, 1), null],
    ])
    expect(presences).toEqual([])
  })

  it('has left only beyond the margin, but then since the border', () => {
    const out = [
      { metres: 100, minute: 0 },
      { metres: -30, minute: 13 },
      { metres: -40, minute: 14 },
    ]
    expect(sail(out).told).toEqual([['entered', 0]])
    expect(sail([...out, { metres: -60, minute: 16 }]).told).toEqual([
      ['entered', 0],
      ['left', expect.closeTo(10, 2), null],
    ])
  })

  it('enters once when it swings about the border', () => {
    const swing = Array.from({ length: 50 }, (_, n) => ({
      metres: n % 2 === 0 ? -30 : 30,
      minute: n,
    }))
    expect(sail(swing).told).toEqual([['entered', expect.closeTo(0.5, 3)]])
  })

  it('stops once it has been still for the zone’s minutes, and then since it became still', () => {
    const still = (minute: number, speed: number | null = 0.2) => ({ metres: 500, minute, speed })
    const berthing = [still(0, 3), still(1), still(3), still(5)]
    expect(sail(berthing).told).toEqual([['entered', 0]])
    expect(
      sail([...berthing, still(6), still(10), still(11, 2), still(12), still(20)]).told,
    ).toEqual([
      ['entered', 0],
      ['stopped', 1],
    ])
    const interrupted = [still(0), still(4), still(4.5, 0.5), still(6), still(10)]
    expect(sail(interrupted).told).toEqual([['entered', 0]])
  })

  it('stops in its minutes although a clock that was ahead has had it still before', () => {
    const still = (minute: number) => ({ metres: 500, minute, speed: 0.1 })
    expect(sail([still(0), still(900), still(1), still(7)]).told).toEqual([
      ['entered', 0],
      ['stopped', 0],
    ])
    expect(sail([still(900), still(1), still(7)]).told).toEqual([
      ['entered', 900],
      ['stopped', 1],
    ])
  })

  it('is still by the way it makes when it does not tell its speed', () => {
    const silent = [0, 2, 4, 6, 8].map((minute) => ({ metres: 500, minute, speed: null }))
    expect(sail(silent).told).toEqual([
      ['entered', 0],
      ['stopped', 2],
    ])
  })

  it('leaves with the time of its stop, or none when it only passed', () => {
    const leaves = (stay: Parameters<typeof sail>[0]) => {
      const rest = [
        { metres: 500, minute: 30 },
        { metres: 2_000, minute: 40 },
      ] // under way again
      return sail([{ metres: -500, minute: 0 }, ...stay, ...rest]).told.at(-1)
    }
    const still = (minute: number) => ({ metres: 500, minute, speed: 0.1 })
    expect(leaves([])).toEqual(['left', expect.any(Number), null])
    expect(leaves([still(5), still(9)])).toEqual(['left', expect.any(Number), null])
    expect(leaves([still(5), still(10), still(11)])).toEqual(['left', expect.any(Number), 5])
  })

  it('appears where it is heard again after more than an hour, and crosses nothing between', () => {
    const unheard = (minutes: number) =>
      sail([
        { metres: -1_000, minute: 0 },
        { metres: 3_000, minute: minutes },
      ]).told.length
    expect(unheard(60)).toBe(2)
    expect(unheard(61)).toBe(0)
    expect(
      sail([
        { metres: -1_000, minute: 0 },
        { metres: 500, minute: 100 },
        { metres: 600, minute: 200 },
        { metres: 3_000, minute: 300 },
      ]).told,
    ).toEqual([
      ['entered', 100],
      ['left', 300, null],
    ])
  })

  it('stops only where ships lie', () => {
    const stay = [0, 6, 12].map((minute) => ({ metres: 500, minute, speed: 0 }))
    const kinds = (['berth', 'anchorage', 'port-area', 'pilot-boarding', 'custom'] as const).map(
      (kind) => [kind, sail(stay, { zones: [zone({ kind })] }).told.length],
    )
    expect(kinds).toEqual([
      ['berth', 2],
      ['anchorage', 2],
      ['port-area', 1],
      ['pilot-boarding', 1],
      ['custom', 1],
    ])
  })

  it('leaves what is no longer around it, and enters what is, at its next fix', () => {
    const here = { time: 60_000, lat: 0.005, lon: 10.005, speed: 5 }
    const there = { ...here, time: 120_000, lon: 10.006 }
    const stay = {
      zoneId: zone().id,
      enteredAt: 0,
      cameFrom: null,
      outside: null,
      still: null,
      stoppedAt: null,
      dwelt: false,
      speeding: false,
    }
    const rules = (shape: Zone) => zoneRules([shapeOf(shape)], 50)
    const moved = zone({ geometry: { type: 'Point', coordinates: [20, 0] }, radiusMetres: 500 })
    expect(followMove([stay], { from: here, to: there }, rules(moved)).transitions).toMatchObject([
      { kind: 'left', at: { time: 120_000 } },
    ])
    expect(followMove([], { from: here, to: there }, rules(zone())).transitions).toMatchObject([
      { kind: 'entered', at: { time: 120_000 } },
    ])
  })

  it('appears after a jump without crossing what lies between', () => {
    const rules = zoneRules([shapeOf(zone())], 50)
    const beyond = { time: 0, lat: 0.005, lon: 10.05, speed: 5 }
    expect(followMove([], { from: null, to: beyond }, rules).transitions).toEqual([])
  })

  it('crosses the antimeridian like any other line', () => {
    const pacific = zone({
      geometry: { type: 'Point', coordinates: [180, 0] },
      radiusMetres: 1_000,
    })
    const rules = zoneRules([shapeOf(pacific)], 50)
    const from = { time: 0, lat: 0, lon: 179.98, speed: 10 }
    const to = { time: 600_000, lat: 0, lon: -179.98, speed: 10 }
    const { transitions } = followMove([], { from, to }, rules)
    expect(transitions.map(({ kind }) => kind)).toEqual(['entered', 'left'])
    expect(transitions[0]?.at.lon).toBeCloseTo(179.991, 3)
    expect(transitions[1]?.at.lon).toBeCloseTo(-179.991, 3)
  })
})

describe('properties', () => {
  const step = fc.record({
    lat: fc.double({ min: -0.01, max: 0.02, noNaN: true }),
    lon: fc.double({ min: 9.99, max: 10.02, noNaN: true }),
    minutes: fc.integer({ min: 0, max: 20 }),
    speed: fc.option(fc.double({ min: 0, max: 20, noNaN: true })),
  })

  // Rounding finds the corner at which the way comes in, and not the one at which it goes out.
  const alongTheEdge = [
    { lat: 4.336_808_689_942_018e-19, lon: 10.018_418_081_119_21, minutes: 0, speed: null },
    { lat: 0, lon: 9.99, minutes: 0, speed: null },
    { lat: 0, lon: 10.000_000_041_666_84, minutes: 2, speed: null },
  ]

  it('of a voyage: enter and leave take turns, in order of time, and end where the ship is', () => {
    const shape = shapeOf(zone())
    const rules = zoneRules([shape], 50)
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let presences: readonly Presence[] = []
        let from: ZoneFix | null = null
        let time = 0
        const told: ZoneTransition[] = []
        for (const { minutes, ...place } of steps) {
          time += minutes * 60_000
          const to: ZoneFix = { ...place, time }
          const followed = followMove(presences, { from, to }, rules)
          presences = followed.presences
          told.push(...followed.transitions)
          for (const { at } of followed.transitions) expect(at.time).toBeLessThanOrEqual(time)
          if (inside(shape, onPlane(shape, to))) expect(presences).toHaveLength(1)
          from = to
        }
        const moves = told.filter(({ kind }) => kind !== 'stopped')
        expect(moves.map(({ kind }) => kind)).toEqual(
          moves.map((_, n) => (n % 2 === 0 ? 'entered' : 'left')),
        )
        expect(moves.length % 2).toBe(presences.length)
        const times = moves.map(({ at }) => at.time)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      }),
      { examples: [[alongTheEdge]] },
    )
  })
})

describe('a ship in a zone that watches it', () => {
  it('dwells once its minutes are over, once a stay', () => {
    const zones = [zone({ kind: 'custom', dwellMinutes: 10 })]
    const stay = [0, 9, 10, 11, 30].map((minute) => ({ metres: 500, minute }))
    expect(sail(stay, { zones }).told).toEqual([
      ['entered', 0],
      ['dwelt', 10],
    ])
    const again = [...stay, { metres: -500, minute: 40 }, { metres: 500, minute: 50 }]
    const told = sail([...again, { metres: 500, minute: 70 }], { zones }).told
    expect(told.filter(([kind]) => kind === 'dwelt')).toHaveLength(2)
  })

  it('is too fast when it is, not at each fix, and not outside', () => {
    const zones = [zone({ kind: 'custom', speedLimitKnots: 8 })]
    const at = (minute: number, speed: number | null, metres = 500) => ({ metres, minute, speed })
    const fixes = [
      at(0, 20, -300),
      at(1, 8),
      at(2, 8.1),
      at(3, 12),
      at(4, 7.8),
      at(5, 9),
      at(6, null),
    ]
    expect(sail(fixes, { zones }).told).toEqual([
      ['entered', expect.any(Number)],
      ['speed-exceeded', 2],
    ])
    const slowed = [...fixes, at(7, 7.5), at(8, 9)]
    expect(sail(slowed, { zones }).told.at(-1)).toEqual(['speed-exceeded', 8])
  })
})

describe('a ship at a line', () => {
  // From south to north on the meridian of 10° E; a ship that sails east comes from its left.
  const line = zone({
    kind: 'custom',
    geometry: {
      type: 'LineString',
      coordinates: [
        [10, 0],
        [10, 0.005],
        [10, 0.01],
      ],
    },
  })
  const cross = (...fixes: [metres: number, minute: number][]) =>
    sail(
      fixes.map(([metres, minute]) => ({ metres, minute })),
      { zones: [line] },
    )

  it('has crossed it when it is beyond, and then since it met the line', () => {
    expect(cross([-100, 0], [300, 4])).toEqual({
      presences: [],
      told: [['crossed', expect.closeTo(1, 3)]],
    })
    const slowly = [
      [-100, 0],
      [30, 13],
    ] as [number, number][]
    expect(cross(...slowly).told).toEqual([])
    expect(cross(...slowly, [60, 16]).told).toEqual([['crossed', expect.closeTo(10, 2)]])
  })

  it('crosses nothing when it swings about it, or turns back', () => {
    const swing = Array.from({ length: 20 }, (_, n): [number, number] => [n % 2 ? 30 : -30, n])
    expect(cross([-100, -1], ...swing).told).toEqual([])
    expect(cross([-100, 0], [30, 1], [-100, 2])).toEqual({ presences: [], told: [] })
    expect(cross([-100, 0], [30, 1], [-100, 2], [100, 3]).told).toHaveLength(1)
  })

  it('crosses it there and back', () => {
    expect(cross([-100, 0], [100, 1], [-100, 2]).told).toHaveLength(2)
  })

  it('crosses where a fix lies on the very line, once', () => {
    expect(cross([-100, 0], [0, 1], [100, 2]).told).toEqual([['crossed', 1]])
    expect(cross([-100, 0], [0, 1], [-100, 2]).told).toEqual([])
    expect(cross([0, 1], [100, 2]).told).toEqual([])
  })

  it('tells the side that it is on now', () => {
    const rules = zoneRules([shapeOf(line)], 50)
    const at = (lon: number, minute: number) => ({
      time: minute * 60_000,
      lat: 0.003,
      lon,
      speed: 9,
    })
    const towards = (from: number, to: number) =>
      followMove([], { from: at(from, 0), to: at(to, 1) }, rules).transitions
    expect(towards(9.99, 10.01)).toMatchObject([{ kind: 'crossed', towards: -1 }])
    expect(towards(10.01, 9.99)).toMatchObject([{ kind: 'crossed', towards: 1 }])
    expect(towards(9.98, 9.99)).toEqual([])
  })

  it('crosses nothing past its ends, after a jump, or when nobody heard it for an hour', () => {
    const rules = zoneRules([shapeOf(line)], 50)
    const at = (lon: number, lat: number, minute: number) => ({
      time: minute * 60_000,
      lat,
      lon,
      speed: 9,
    })
    const past = { from: at(9.99, 0.02, 0), to: at(10.01, 0.02, 1) }
    expect(followMove([], past, rules).transitions).toEqual([])
    expect(followMove([], { from: null, to: at(10.01, 0.003, 1) }, rules).transitions).toEqual([])
    const later = { from: at(9.99, 0.003, 0), to: at(10.01, 0.003, 61) }
    expect(followMove([], later, rules).transitions).toEqual([])
  })

  it('crosses an odd number of times when it ends on the other side, wherever it went', () => {
    const metres = fc.integer({ min: -300, max: 300 }).filter((each) => Math.abs(each) > 55)
    fc.assert(
      fc.property(fc.array(metres, { minLength: 2, maxLength: 30 }), (way) => {
        const { told } = cross(...way.map((each, n): [number, number] => [each, n]))
        const changes = way.filter(
          (each, n) => n > 0 && Math.sign(each) !== Math.sign(way[n - 1] ?? 0),
        )
        expect(told).toHaveLength(changes.length)
      }),
    )
  })

  it('forgets what it was when a zone becomes a line, or a line a zone', () => {
    const inZone = sail([{ metres: 100, minute: 0 }]).presences
    const atLine = cross([-100, 0], [30, 1]).presences
    const here = { time: 120_000, lat: 0.005, lon: 10 + 40 / metresPerDegree, speed: 5 }
    const move = { from: { ...here, time: 60_000 }, to: here }
    const shape = (given: Zone) => zoneRules([shapeOf(given)], 50)
    expect(followMove(inZone, move, shape(line))).toEqual({ presences: [], transitions: [] })
    expect(followMove(atLine, move, shape(zone())).transitions).toMatchObject([{ kind: 'entered' }])
  })
})
