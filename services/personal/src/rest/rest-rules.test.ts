import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nightInAt } from './night.ts'
import { nonConformities, restBreaches, type RestProfile, type Work } from './rest-rules.ts'

const hour = 3_600_000
const begin = Date.UTC(2026, 9, 5)
const terms = {
  nightIn: () => 0,
  referenceWeeks: 17,
}

/** Work from hours to hours after a Monday's midnight. */
const work = (...hours: [from: number, to: number][]): Work[] =>
  hours.map(([from, to]) => ({
    start: begin + from * hour,
    end: begin + to * hour,
    emergency: false,
  }))

/** So many hours on and so many off, `times` over. */
const turns = (on: number, off: number, times: number): Work[] =>
  work(
    ...Array.from({ length: times }, (_, n): [number, number] => [
      n * (on + off),
      n * (on + off) + on,
    ]),
  )

const breachesOf = (
  profile: RestProfile,
  given: readonly Work[],
  more: Partial<Parameters<typeof restBreaches>[1]> & { absences?: Work[] } = {},
) => restBreaches({ profile, work: given, absences: more.absences ?? [] }, { ...terms, ...more })

const rulesOf = (...given: Parameters<typeof breachesOf>) => [
  ...new Set(breachesOf(...given).map(({ rule }) => rule)),
]

/** Every window of a length whose ends are whole half hours. */
const bruteWorst = (given: readonly Work[], length: number): number => {
  const half = hour / 2
  let worst = 0
  for (let start = begin - length; start < begin + 30 * 24 * hour; start += half) {
    const end = start + length
    let total = 0
    for (let time = start; time < end; time += half) {
      if (given.some((each) => each.start <= time && time < each.end)) total += half
    }
    worst = Math.max(worst, total)
  }
  return worst
}

describe('STCW A-VIII/1 and MLC A2.3', () => {
  it('allow 14 hours on and 10 off, and 6 on and 6 off, for six days and a day off', () => {
    expect(rulesOf('STCW_MLC', turns(14, 10, 6))).toEqual([])
    expect(rulesOf('STCW_MLC', turns(6, 6, 14))).toEqual([])
    expect(rulesOf('STCW_MLC', turns(4, 8, 60))).toEqual([])
  })

  it('name 24 hours without 10 of rest', () => {
    expect(breachesOf('STCW_MLC', work([0, 10], [18, 24]))).toEqual([
      {
        rule: 'REST_IN_24_HOURS',
        window: { start: begin, end: begin + 24 * hour },
        bound: 'least',
        limit: 10 * hour,
        found: 8 * hour,
        exempt: false,
      },
      expect.objectContaining({ rule: 'REST_IN_24_HOURS' }),
      expect.objectContaining({ rule: 'REST_IN_TWO_PARTS', found: 8 * hour }),
    ])
  })

  it('name 7 days without 77 hours of rest, to the minute', () => {
    expect(rulesOf('STCW_MLC', turns(13, 11, 7))).toEqual([])
    expect(rulesOf('STCW_MLC', [...turns(13, 11, 6), ...work([144, 157 + 1 / 60])])).toEqual([
      'REST_IN_7_DAYS',
    ])
  })

  it('name rest in three parts, and none of 6 hours', () => {
    const three = work([0, 4], [8, 12], [16, 20], [24, 28], [32, 36])
    expect(rulesOf('STCW_MLC', three)).toEqual(['REST_IN_TWO_PARTS', 'REST_PART_OF_6_HOURS'])
    expect(rulesOf('STCW_MLC', work([0, 7], [12, 19], [24, 31]))).toEqual(['REST_PART_OF_6_HOURS'])
  })

  it('name more than 14 hours between two rests', () => {
    expect(rulesOf('STCW_MLC', work([0, 14.5]))).toEqual([
      'REST_IN_24_HOURS',
      'WORK_BETWEEN_RESTS',
      'REST_IN_TWO_PARTS',
    ])
  })

  it('are kept by an emergency, which is told all the same', () => {
    const [night] = work([16, 22])
    const called = [...work([0, 12]), { ...night!, emergency: true }]
    const breaches = breachesOf('STCW_MLC', called)
    expect(breaches.length).toBeGreaterThan(0)
    expect(breaches.every(({ exempt }) => exempt)).toBe(true)
    expect(breachesOf('STCW_MLC', work([0, 12], [16, 22])).some(({ exempt }) => exempt)).toBe(false)
  })

  it('bind nobody ashore', () => {
    expect(rulesOf('EU_WTD', turns(6, 6, 2))).toEqual(['DAILY_REST'])
  })

  it('find a total broken where every window of half an hour’s steps is tried, and nowhere else', () => {
    const roster = fc
      .array(
        fc.record({
          gap: fc.integer({ min: 1, max: 30 }),
          length: fc.integer({ min: 1, max: 30 }),
        }),
        {
          minLength: 1,
          maxLength: 16,
        },
      )
      .map((parts) => {
        let time = 0
        return work(
          ...parts.map(({ gap, length }): [number, number] => {
            const from = time + gap / 2
            time = from + length / 2
            return [from, time]
          }),
        )
      })
    fc.assert(
      fc.property(roster, (given) => {
        const rules = rulesOf('STCW_MLC', given)
        expect(rules.includes('REST_IN_24_HOURS')).toBe(bruteWorst(given, 24 * hour) > 14 * hour)
        expect(rules.includes('REST_IN_7_DAYS')).toBe(bruteWorst(given, 168 * hour) > 91 * hour)
      }),
      { numRuns: 60 },
    )
  })
})

describe('Directive 2003/88/EC', () => {
  it('allows 13 hours on and 11 off for a while, and eight hours on five days', () => {
    expect(rulesOf('EU_WTD', turns(13, 11, 5))).toEqual([])
    const weeks = Array.from({ length: 30 }, (_, n) => n * 168)
    const office = weeks.flatMap((monday) =>
      work(
        ...[0, 1, 2, 3, 4].map((n): [number, number] => [
          monday + n * 24 + 8,
          monday + n * 24 + 16,
        ]),
      ),
    )
    expect(rulesOf('EU_WTD', office)).toEqual([])
  })

  it('names a day without 11 hours in a row, and a week without 35', () => {
    expect(rulesOf('EU_WTD', work([0, 8], [18.5, 26]))).toEqual(['DAILY_REST'])
    expect(rulesOf('EU_WTD', turns(8, 16, 7))).toEqual(['WEEKLY_REST'])
  })

  it('names more than 48 hours a week on average, absences not counted', () => {
    const long = [0, 1, 2].flatMap((n) => turns(10, 14, 5).map((each) => moved(each, n * 168)))
    expect(rulesOf('EU_WTD', long, { referenceWeeks: 3 })).toEqual(['WEEKLY_AVERAGE'])
    expect(rulesOf('EU_WTD', long)).toEqual([])
    // A week of leave between them is as if it had not been.
    const leave = work([336, 504])
    const broken = [...long.slice(0, 10), ...long.slice(10).map((each) => moved(each, 168))]
    expect(rulesOf('EU_WTD', broken, { referenceWeeks: 3 })).toEqual([])
    expect(rulesOf('EU_WTD', broken, { referenceWeeks: 3, absences: leave })).toEqual([
      'WEEKLY_AVERAGE',
    ])
  })

  it('names nights of more than 8 hours on average', () => {
    const nights = {
      nightIn: ({ start, end }: { start: number; end: number }) => (end - start) / 2,
    }
    expect(rulesOf('EU_WTD', work([22, 30], [46, 54]), nights)).toEqual([])
    expect(rulesOf('EU_WTD', work([22, 30], [46, 55]), nights)).toEqual(['NIGHT_AVERAGE'])
  })
})

describe('a list of non-conformities', () => {
  it('has one for each cause', () => {
    const month = Array.from({ length: 4 }, (_, n) =>
      work([0, 10], [18, 24]).map((each) => moved(each, n * 168)),
    ).flat()
    const listed = nonConformities(breachesOf('STCW_MLC', month))
    expect(listed.filter(({ rule }) => rule === 'REST_IN_24_HOURS')).toHaveLength(4)
  })

  it('is made for a thousand people over a month in little time', () => {
    const nights = { nightIn: nightInAt('Europe/Madrid') }
    const started = performance.now()
    for (let n = 0; n < 1_000; n += 1) {
      nonConformities(breachesOf('STCW_MLC', turns(13, 11, 30)))
      nonConformities(breachesOf('EU_WTD', turns(8, 16, 30), nights))
    }
    // A second is the contract; the slack is for a machine with other work.
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

function moved(each: Work, hours: number): Work {
  return { ...each, start: each.start + hours * hour, end: each.end + hours * hour }
}
