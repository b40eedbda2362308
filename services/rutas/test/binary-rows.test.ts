import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { CopyRows } from '../src/ais/binary-rows.ts'

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  await client.query(`CREATE TEMPORARY TABLE each (n int, small smallint, big bigint, real real,
    double float8, bool bool, time timestamptz(3), text text)`)
})
afterAll(() => client.end())

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const row = fc.record({
  small: nullable(fc.integer({ min: -32_768, max: 32_767 })),
  big: nullable(fc.maxSafeInteger()),
  real: nullable(fc.float({ noNaN: true, noDefaultInfinity: true })),
  double: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  bool: nullable(fc.boolean()),
  // 1900 to 2100: before and after 2000, from which PostgreSQL counts.
  time: nullable(fc.integer({ min: -2_208_988_800_000, max: 4_102_444_800_000 })),
  // PostgreSQL's text holds no NUL.
  text: nullable(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))),
})

it('writes rows that PostgreSQL reads as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (given) => {
      await client.query('TRUNCATE each')
      const rows = new CopyRows(32)
      for (const [n, each] of given.entries()) {
        rows.row(8)
        rows.int(n)
        rows.smallint(each.small)
        rows.bigint(each.big)
        rows.real(each.real)
        rows.double(each.double)
        rows.bool(each.bool)
        rows.time(each.time)
        rows.text(each.text)
      }
      const copy = client.query(copyFrom('COPY each FROM STDIN (FORMAT binary)'))
      await pipeline(Readable.from([rows.end()]), copy)
      const { rows: read } = await client.query(
        `SELECT small, big::text, real, double, bool, time, text FROM each ORDER BY n`,
      )
      expect(read).toEqual(
        given.map(({ big, real, time, ...same }) => ({
          ...same,
          big: big?.toString() ?? null,
          real: expectReal(real),
          time: time === null ? null : new Date(time),
        })),
      )
    }),
    { numRuns: 60 },
  )
})

/** PostgreSQL writes the fewest digits that tell a `real` from its neighbours. */
const expectReal = (value: number | null): unknown =>
  value === null
    ? null
    : { asymmetricMatch: (read: unknown) => Math.fround(Number(read)) === Math.fround(value) }
