import { setTimeout as sleep } from 'node:timers/promises'
import { applicationNames, startPlatform } from '@porttrack/scripts/platform/platform'
import { type Measurement, type Row, rowOf } from './measurement.ts'
import { positionReports } from './port-traffic.ts'
import { residentMegabytes } from './resident.ts'
import { upload } from './upload.ts'

/** Goals: resident megabytes at rest, seconds to ready. */
const memoryGoal = 150
const readyGoal = 2

const replayed = 1_000_000
const perUpload = 50_000

/** Time to ready and memory of each process at rest, and of the ingest during a long replay. */
export const footprint: Measurement = {
  name: 'footprint',
  title: `seconds to ready and resident megabytes, against the goals; ${replayed} messages replayed`,
  run: async (log) => {
    await using platform = await startPlatform({ ports: 'ephemeral' })
    const rows: Row[] = []
    for (const name of applicationNames) {
      const child = platform.process(name)
      await child.stop()
      const began = performance.now()
      await child.start()
      const ready = (performance.now() - began) / 1_000
      rows.push(rowOf(`${name}: seconds to ready`, [ready], [readyGoal]))
    }
    await sleep(5_000)
    for (const name of applicationNames) {
      const megabytes = await residentMegabytes(platform.process(name).pid)
      rows.push(rowOf(`${name}: megabytes at rest`, [megabytes], [memoryGoal]))
    }
    const reports = positionReports(replayed, 10_000)
    const early: number[] = []
    const late: number[] = []
    for (let sent = 0; sent < replayed; sent += perUpload) {
      // Each upload goes on where the one before ended; `take` would close the generator.
      const lines = Array.from({ length: perUpload }, () => reports.next().value)
      const { stored } = await upload(platform, lines.join('\n'))
      if (stored !== perUpload) throw new Error(`${stored} stored of ${perUpload}`)
      const megabytes = await residentMegabytes(platform.process('rutas').pid)
      ;(sent < replayed / 2 ? early : late).push(megabytes)
      log(`${sent + perUpload} messages: rutas ${megabytes.toFixed(0)} MB`)
    }
    rows.push(
      rowOf('rutas: megabytes in the second half of the replay, against the first', late, early),
    )
    return rows
  },
}
