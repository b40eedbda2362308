import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hour, makeBerth, makeCall, planner } from './quay.ts'
import { startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let calls: { id: string; lengthOverall: number }[]
beforeAll(async () => {
  barcos = await startBarcos()
  calls = []
  for (const lengthOverall of [40, 90, 120, 160, 200, 260]) {
    const { id } = await makeCall(barcos, { vessel: { lengthOverall } })
    calls.push({ id, lengthOverall })
  }
})
afterAll(() => barcos[Symbol.asyncDispose]())

const command = fc.record({
  kind: fc.constantFrom('reserve', 'reserve', 'move', 'move', 'release'),
  call: fc.nat({ max: 5 }),
  berth: fc.nat({ max: 1 }),
  fromMetre: fc.option(fc.integer({ min: 10, max: 300 }), { nil: undefined, freq: 2 }),
  starts: fc.nat({ max: 20 }),
  lasts: fc.integer({ min: 1, max: 10 }),
  of: fc.nat({ max: 30 }),
})
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never

type Held = { id: string; from_metre: number; to_metre: number; kind: string; length: number }

describe('reservations made and moved by many at once', () => {
  it('never leave two ships nearer than the gap, nor one on a block, nor one at two places', async () => {
    const batches = fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), {
      minLength: 3,
      maxLength: 8,
    })
    const outcomes = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const berths = [
          await makeBerth(barcos, { quayLength: 500 }),
          await makeBerth(barcos, { quayLength: 330 }),
        ]
        const [quay] = berths
        await barcos.opened.database.client.berthOccupancy.create({
          data: {
            id: uuidv7(),
            kind: 'BLOCK',
            berthId: quay?.id ?? '',
            fromMetre: 200,
            toMetre: 230,
            startsAt: hour(5),
            endsAt: hour(12),
            reason: 'works',
            createdBy: 'office',
          },
        })
        const made: string[] = []
        const run = async (each: Command) => {
          const body = {
            berthId: berths[each.berth]?.id,
            startsAt: hour(each.starts),
            endsAt: hour(each.starts + each.lasts),
            ...(each.fromMetre === undefined ? {} : { fromMetre: each.fromMetre }),
          }
          const target = made[each.of % Math.max(1, made.length)]
          const asMade = { as: planner, headers: { 'if-match': '*' } }
          if (each.kind === 'reserve' || target === undefined) {
            const path = `/v1/port-calls/${calls[each.call]?.id}/reservations`
            const answer = await barcos.post(path, body, { as: planner })
            if (answer.status === 201) made.push(answer.body.id)
            return answer.status
          }
          const path = `/v1/reservations/${target}`
          const { status } =
            each.kind === 'move'
              ? await barcos.request('PUT', path, { ...asMade, body })
              : await barcos.request('DELETE', path, asMade)
          return status
        }
        for (const batch of given) {
          for (const status of await Promise.all(batch.map(run))) {
            expect([200, 201, 204, 409, 422, 503]).toContain(status)
            outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
          }
          expect(await tooNear(berths.map(({ id }) => id))).toEqual([])
        }
        // The calls are taken up again by the next run.
        await barcos.opened.database.sql('UPDATE berth_occupancy SET released_at = now()')
      }),
      { numRuns: 12 },
    )
    // It is no proof when nothing was ever reserved, moved or refused.
    for (const status of [201, 200, 204, 409]) expect(outcomes.get(status) ?? 0).toBeGreaterThan(0)
  })
})

/** Pairs in one window that are nearer than 15 m or a tenth of the longer ship, or of one call. */
const tooNear = (berthIds: string[]): Promise<Held[]> =>
  barcos.opened.database.sql<Held>(
    `WITH held AS (
       SELECT o.*, coalesce(v.length_overall, 0) AS length
       FROM berth_occupancy o
       LEFT JOIN port_call c ON c.id = o.port_call_id LEFT JOIN vessel v ON v.id = c.vessel_id
       WHERE o.berth_id = ANY($1::uuid[]) AND o.released_at IS NULL
     )
     SELECT a.id, a.from_metre, a.to_metre, a.kind, a.length FROM held a JOIN held b
       ON a.id <> b.id AND a.kind = 'RESERVATION'
       AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
     WHERE a.port_call_id = b.port_call_id
        OR a.berth_id = b.berth_id
           AND greatest(a.from_metre - b.to_metre, b.from_metre - a.to_metre)
               < greatest(15, 0.1 * greatest(a.length, b.length)) - 0.0011
     UNION ALL
     SELECT a.id, a.from_metre, a.to_metre, a.kind, a.length
     FROM held a JOIN berth q ON q.id = a.berth_id
     WHERE a.kind = 'RESERVATION'
       AND (least(a.from_metre, q.quay_length - a.to_metre) < greatest(15, 0.1 * a.length) - 0.0011
            OR a.to_metre - a.from_metre < a.length - 0.0011)`,
    [berthIds],
  )
