import { Type } from 'typebox'
import { Value } from 'typebox/value'

const Answer = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
})

export type Sample = { labels: Readonly<Record<string, string>>; value: number }

/** Asks Prometheus; each namespace is `<prefix>-<environment>`. */
export const openPrometheus = (url: string, prefix: string) => {
  const ask = async (query: string): Promise<Sample[]> => {
    const answer = await fetch(`${url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query }),
      signal: AbortSignal.timeout(10_000),
    })
    const body: unknown = await answer.json()
    if (!answer.ok || !Value.Check(Answer, body))
      throw new Error(`Prometheus answered ${answer.status}`)
    return body.data.result.map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }))
  }
  return {
    /** Which version each service runs in an environment, canaries left out. */
    versions: async (environment: string): Promise<ReadonlyMap<string, string>> => {
      const found = await ask(
        `max by (service, version) (service_build_info{namespace="${prefix}-${environment}",track!="canary"})`,
      )
      return new Map(found.map(({ labels }) => [labels['service'] ?? '', labels['version'] ?? '']))
    },
    /** How many processes of each service answer, and how many are known. */
    processes: async (
      environment: string,
    ): Promise<ReadonlyMap<string, { up: number; all: number }>> => {
      const of = `{namespace="${prefix}-${environment}",service=~".+"}`
      const [up, all] = await Promise.all([
        ask(`sum by (service) (up${of})`),
        ask(`count by (service) (up${of})`),
      ])
      return new Map(
        all.map(({ labels, value }) => [
          labels['service'] ?? '',
          {
            up: up.find((each) => each.labels['service'] === labels['service'])?.value ?? 0,
            all: value,
          },
        ]),
      )
    },
    /** Percent of callers that the canary of a service gets, by environment. */
    canaryWeights: async (
      service: string,
    ): Promise<readonly { environment: string; weight: number }[]> => {
      const found = await ask(
        `max by (namespace) (gateway_upstream_weight{upstream="${service}",track="canary"})`,
      )
      return found.map(({ labels, value }) => ({
        environment: (labels['namespace'] ?? '').replace(`${prefix}-`, ''),
        weight: value,
      }))
    },
  }
}

export type Prometheus = ReturnType<typeof openPrometheus>
