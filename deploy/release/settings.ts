import type { environments } from '@porttrack/pipeline/services'

export type Environment = (typeof environments)[number]

/** How much a release must show in an environment. Times are in seconds. */
export type Settings = {
  /** For how long each step is watched, at least. */
  window: number
  /** How often figures are looked at meanwhile. */
  interval: number
  /** Requests that each track must have had in a step for its figures to count. */
  minimumRequests: number
  /** For how long beyond the window more requests are waited for. */
  patience: number
  /** What too few requests mean once the patience is over. */
  inconclusive: 'fails' | 'goes on'
  /** For how long the promoted release is watched before the release is done. */
  verification: number
  /** What helm may take for one change, hooks such as the migration included. */
  helmTimeout: number
  /** What helm may take to roll back, which runs no hooks; and the same for kubectl where helm cannot. */
  rollbackTimeout: number
  /** After which a release that is not yet promoted and verified is rolled back. */
  releaseLimit: number
  /** In which every gateway must show a weight that was set. */
  weightTimeout: number
  /** For how long another release of the same service and environment is waited for. */
  lockTimeout: number
  /** After which a lock that nobody renews is free. */
  lockDuration: number
}

/** Seconds in which a call of kubectl, or of helm where it only looks, must have its answer. */
export const kubectlTime = 60

const common = {
  interval: 15,
  helmTimeout: 900,
  rollbackTimeout: 300,
  // A kubelet brings a changed ConfigMap to its pods within a minute and a half.
  weightTimeout: 240,
  lockTimeout: 3_000,
  lockDuration: 60,
}

/** Percent of callers, one after the other; more than half is the promotion's. */
export const steps = [5, 25, 50] as const

export const settingsOf: Readonly<Record<Environment, Settings>> = {
  test: {
    ...common,
    window: 60,
    minimumRequests: 20,
    patience: 60,
    inconclusive: 'goes on',
    verification: 30,
    releaseLimit: 3_600,
  },
  staging: {
    ...common,
    window: 180,
    minimumRequests: 100,
    patience: 300,
    inconclusive: 'goes on',
    verification: 60,
    releaseLimit: 5_400,
  },
  prod: {
    ...common,
    window: 600,
    minimumRequests: 500,
    patience: 1_800,
    inconclusive: 'fails',
    verification: 300,
    releaseLimit: 7_200,
  },
}

/** The namespace of an environment, in each cluster the same. */
export const namespaceOf = (environment: Environment): string => `porttrack-${environment}`
