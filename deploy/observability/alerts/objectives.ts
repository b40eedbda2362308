import type { Service } from '@porttrack/pipeline/services'

/** What a service promises its callers, over 30 days. */
export type Objective = {
  service: Service
  /** Share of requests that are answered without a fault of the service. */
  availability: number
  latency: {
    /** Share of requests that are answered within the bound. */
    share: number
    /** Seconds; one of the bounds of the gateway's histogram, so that nothing is guessed. */
    withinSeconds: number
  }
}

export const objectives: readonly Objective[] = [
  {
    service: 'barcos',
    availability: 0.999,
    latency: { share: 0.99, withinSeconds: 0.5 },
  },
  {
    service: 'carga',
    availability: 0.999,
    latency: { share: 0.99, withinSeconds: 0.5 },
  },
  {
    service: 'rutas',
    availability: 0.999,
    latency: { share: 0.99, withinSeconds: 0.5 },
  },
  {
    // Plans and rests are looked through for months: it is asked less, and answers longer.
    service: 'personal',
    availability: 0.999,
    latency: { share: 0.99, withinSeconds: 1 },
  },
  {
    service: 'gateway',
    availability: 0.9995,
    latency: { share: 0.99, withinSeconds: 0.5 },
  },
]
