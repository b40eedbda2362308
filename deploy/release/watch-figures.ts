import type { Check, View } from './analysis.ts'
import { type Judgement, judge } from './judgement.ts'
import { pause } from './pause.ts'
import { PrometheusError } from './prometheus.ts'
import { type Context, StepError } from './release-context.ts'

/** Looks in a row that find Prometheus silent, or figures bad, until that is believed. */
const silences = 3
const badLooks = 2

type WatchOptions = {
  checks: readonly Check[]
  view: View
  /** Seconds, at least. */
  window: number
  /** What is watched, for people. */
  what: string
  signal: AbortSignal
}

/**
 * Watches figures for their window, and for longer while there are too few requests. Looks at nothing
 * from before, and gives up as soon as two looks in a row are bad.
 *
 * @throws StepError when they are not good enough to go on; the signal's reason
 */
export const watchFigures = async (
  context: Context,
  { checks, view, window, what, signal }: WatchOptions,
): Promise<void> => {
  const { settings, report } = context
  const begun = performance.now()
  const elapsed = (): number => (performance.now() - begun) / 1_000
  let silent = 0
  let bad = 0
  for (;;) {
    await pause(settings.interval * 1_000, signal)
    const judgement = await lookAt(context, { checks, view, seconds: elapsed(), signal }).catch(
      (error: unknown) => {
        if (!(error instanceof PrometheusError)) throw error
        silent += 1
        if (silent >= silences) throw new StepError(error.message, { cause: error })
        return null
      },
    )
    if (judgement === null) continue
    silent = 0
    const { verdict, why, findings } = judgement
    report('figures', `${what}: ${verdict}: ${why}`, { what, verdict, why, findings })
    bad = findings.some(({ outcome }) => outcome === 'bad') ? bad + 1 : 0
    if (bad >= badLooks) throw new StepError(why)
    if (elapsed() < window) continue
    switch (verdict) {
      case 'failed':
        throw new StepError(why)
      case 'passed':
        report('analysed', `${what} is good after ${Math.round(elapsed())} s`, { what, verdict })
        return
      case 'inconclusive':
        if (elapsed() < window + settings.patience) continue
        if (settings.inconclusive === 'fails') throw new StepError(`inconclusive: ${why}`)
        report('analysed', `${what} goes on without proof, as this environment may: ${why}`, {
          what,
          verdict,
        })
        return
    }
  }
}

const lookAt = async (
  { cluster, prometheus, settings }: Context,
  { checks, view, seconds, signal }: LookOptions,
): Promise<Judgement> => {
  const { service, namespace } = cluster
  const scope = { service, namespace, view, window: `${Math.ceil(seconds * 1_000)}ms` }
  const values = await Promise.all(
    checks.map(
      async ({ name, query }) => [name, await prometheus.number(query(scope), signal)] as const,
    ),
  )
  return judge(checks, new Map(values), settings.minimumRequests)
}

type LookOptions = {
  checks: readonly Check[]
  view: View
  seconds: number
  signal: AbortSignal
}
