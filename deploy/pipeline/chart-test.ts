import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './release-command.ts'
import { runShown } from './run-shown.ts'

/** The test's own pod looks again and again; this is for a cluster's API that is away for a moment. */
const attempts = 2

/** Milliseconds between them. */
const pause = 2_000

/**
 * Whether a service passes the test of its chart (`helm test`): every pod is ready and shows its metrics.
 * An interruption is no pass.
 */
export const passesChartTest = async (
  { service, environment }: Target,
  interrupted: AbortSignal,
): Promise<boolean> => {
  const args = ['test', service, `--namespace=porttrack-${environment}`, '--logs']
  for (let attempt = 1; attempt <= attempts && !interrupted.aborted; attempt++) {
    if (attempt > 1) await sleep(pause, null, { signal: interrupted }).catch(() => undefined)
    if ((await runShown('helm', args, { signal: interrupted })) === 0) return true
  }
  return false
}
