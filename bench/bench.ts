import { berthPlan } from './berth-plan.ts'
import { decode } from './decode.ts'
import { footprint } from './footprint.ts'
import { gateway } from './gateway.ts'
import { growth } from './growth.ts'
import { ingest } from './ingest.ts'
import { live } from './live.ts'
import type { Measurement, Row } from './measurement.ts'
import { overload } from './overload.ts'
import { rest } from './rest.ts'
import { segregation } from './segregation.ts'
import { soak } from './soak.ts'
import { telemetry } from './telemetry.ts'

/**
 * `bench [name] [--long]`: measures against a reference in one run, prints a table for people and, as its last
 * line, JSON for programs.
 */
const measurements: readonly Measurement[] = [
  decode,
  ingest,
  growth,
  live,
  soak,
  gateway,
  berthPlan,
  rest,
  segregation,
  footprint,
  overload,
  telemetry,
]

const wanted = process.argv.slice(2).find((each) => !each.startsWith('--'))
const chosen = measurements.filter(({ name }) => wanted === undefined || name === wanted)
if (chosen.length === 0) {
  console.error(`usage: bench [${measurements.map(({ name }) => name).join(' | ')}]`)
  process.exit(2)
}

const rows: Row[] = []
for (const { name, title, run } of chosen) {
  console.log(`${name}: ${title}`)
  let found: Row[]
  try {
    found = await run((line) => console.log(`  ${line}`))
  } catch (error) {
    // The other measurements do not need what this one lacks.
    console.error(
      `  ${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
    )
    process.exitCode = 1
    continue
  }
  const width = Math.max(...found.map(({ what }) => what.length))
  console.log(`  ${'what'.padEnd(width)}      ours  reference   ratio`)
  for (const { what, ours, reference, ratio } of found) {
    const cells = [ours, reference, ratio].map((value, index) =>
      String(value).padStart([10, 11, 8][index] ?? 0),
    )
    console.log(`  ${what.padEnd(width)}${cells.join('')}`)
  }
  rows.push(...found)
}
console.log(JSON.stringify({ name: wanted ?? 'all', rows }))
