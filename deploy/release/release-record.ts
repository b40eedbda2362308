import type { Image } from './cluster.ts'
import type { Kubectl } from './kubectl.ts'

/**
 * What a release has done, kept in the cluster: whoever finds it `unfinished` knows what to go back to,
 * though the process that wrote it is gone.
 */
export type ReleaseRecord = {
  /** Which run wrote it. */
  run: string
  /**
   * `unfinished`: under way, or its process is gone. `stabilised`: rolled back by kubectl alone, and
   * helm does not know. Both are to be finished by a rollback.
   */
  state: 'unfinished' | 'stabilised' | 'promoted' | 'rolled-back'
  startedAt: string
  updatedAt: string
  /** What it had got to, in words. */
  step: string
  /** What is released. */
  image: Image
  /** What served before, and serves again after a rollback; null before the first installation. */
  stable: StableRelease | null
  /** Why it was rolled back. */
  why?: string
  /** What serves since it is over; null when nothing does, missing while it is not. */
  settled?: StableRelease | null
}

/** A release as helm (`revision`) and the cluster (`deploymentRevision`) number it. */
export type StableRelease = { revision: number; deploymentRevision: string; image: Image }

type ConfigMap = { data?: { release?: string } }

const nameOf = (service: string): string => `${service}-release`

/** @throws CommandError; SyntaxError where somebody else wrote into it */
export const readRecord = async (
  kubectl: Kubectl,
  service: string,
): Promise<ReleaseRecord | null> => {
  const text = (await kubectl.get<ConfigMap>('configmap', nameOf(service)))?.data?.release
  return text === undefined ? null : (JSON.parse(text) as ReleaseRecord)
}

/** @throws CommandError */
export const writeRecord = async (
  kubectl: Kubectl,
  service: string,
  record: ReleaseRecord,
): Promise<void> =>
  kubectl.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(service),
      labels: { 'app.kubernetes.io/part-of': 'porttrack' },
    },
    data: { release: JSON.stringify(record, null, 2) },
  })
