import type { View } from './analysis.ts'
import { pause } from './pause.ts'
import { PrometheusError } from './prometheus.ts'
import { type Context, StepError } from './release-context.ts'

/** Looks in a row at which Prometheus is silent, until that is believed. */
const silences = 5

/**
 * Waits until every gateway divides the callers as was set. Where something else than the gateway does
 * it, there is nothing to wait for.
 *
 * @throws StepError when one has not within the time for it; the signal's reason
 */
export const weightShown = async (
  { cluster, prometheus, settings }: Context,
  { weight, view, signal }: { weight: number; view: View; signal: AbortSignal },
): Promise<void> => {
  if (view === 'server') return
  const labels = `namespace="${cluster.namespace}",upstream="${cluster.service}",track="canary"`
  const deadline = performance.now() + settings.weightTimeout * 1_000
  let last = ''
  let silent = 0
  for (;;) {
    try {
      const gateways = await cluster.gatewayPods()
      const shown = await prometheus.query(`gateway_upstream_weight{${labels}}`, signal)
      const behind = gateways.filter(
        (pod) => !shown.some(({ labels, value }) => labels['pod'] === pod && value === weight),
      )
      silent = 0
      if (gateways.length > 0 && behind.length === 0) return
      last =
        gateways.length === 0
          ? 'no gateway runs'
          : `${behind.length} of ${gateways.length} gateways do not show ${weight} %: ${behind.join(', ')}`
    } catch (error) {
      if (!(error instanceof PrometheusError)) throw error
      last = error.message
      silent += 1
      if (silent >= silences) throw new StepError(last, { cause: error })
    }
    if (performance.now() > deadline)
      throw new StepError(`${last}, after ${settings.weightTimeout} s`)
    await pause(Math.min(5_000, settings.interval * 500), signal)
  }
}
