import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

type Described = { name: string; help: string; labels?: readonly string[] }

/** What a metric is: its Prometheus name in base units, what it is for, and its labels. */
export type MetricDeclaration =
  | (Described & { type: 'counter' })
  | (Described & { type: 'gauge' })
  | (Described & {
      type: 'histogram'
      buckets: readonly number[]
      /** Observed with the trace of one request beside the value; prom-client then takes one object. */
      exemplars?: true
    })

export type MetricTable = Record<string, MetricDeclaration>

type LabelOf<D extends MetricDeclaration> = D extends {
  labels: readonly (infer L extends string)[]
}
  ? L
  : never

type MetricOf<D extends MetricDeclaration> = D extends { type: 'counter' }
  ? Counter<LabelOf<D>>
  : D extends { type: 'gauge' }
    ? Gauge<LabelOf<D>>
    : Histogram<LabelOf<D>>

export type Metrics<T extends MetricTable> = { readonly [K in keyof T]: MetricOf<T[K]> }

/** Declares a service's metrics as data; a name or label that is not in the table does not compile. */
export const defineMetrics = <const T extends MetricTable>(table: T): T => table

/** Makes the declared metrics in `registry`, one set for each app. */
export const createMetrics = <T extends MetricTable>(table: T, registry: Registry): Metrics<T> =>
  Object.fromEntries(
    Object.entries(table).map(([key, declaration]) => [key, create(declaration, registry)]),
  ) as Metrics<T>

const create = (declaration: MetricDeclaration, registry: Registry) => {
  const { name, help, labels = [] } = declaration
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  switch (declaration.type) {
    case 'counter':
      return new Counter(common)
    case 'gauge':
      return new Gauge(common)
    case 'histogram':
      return new Histogram({
        ...common,
        buckets: [...declaration.buckets],
        enableExemplars: declaration.exemplars ?? false,
      })
  }
}
