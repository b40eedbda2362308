import { readdir, readFile } from 'node:fs/promises'
import type { Platform } from '@porttrack/scripts/platform/platform'

/** The kernel's unit of CPU time (`USER_HZ`), in seconds. */
const tick = 0.01

/**
 * Seconds of CPU that a process and its children have used, those that have ended included (Linux).
 * On a machine that is shared it tells what work costs, where the clock tells how busy others are.
 */
export const cpuSeconds = async (pid: number | undefined): Promise<number> => {
  let ticks = 0
  for (const each of await readdir('/proc')) {
    if (!/^\d+$/.test(each)) continue
    const stat = await readFile(`/proc/${each}/stat`, 'utf8').catch(() => '')
    // What follows the name, which may hold anything: state, parent, …
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
    const [own, parent] = [Number(each) === pid, Number(fields[1]) === pid]
    if (own || parent) ticks += Number(fields[11]) + Number(fields[12])
    if (own) ticks += Number(fields[13]) + Number(fields[14])
  }
  return ticks * tick
}

/** Seconds of CPU that taking in AIS has used so far: by `rutas` and by PostgreSQL. */
export const ingestCpuSeconds = async (platform: Platform): Promise<number> =>
  (await cpuSeconds(platform.process('rutas').pid)) +
  (await cpuSeconds(platform.process('postgres').pid))
