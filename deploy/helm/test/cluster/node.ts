import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, KubernetesObject } from './api-client.ts'

export type Node = AsyncDisposable & {
  /** Digests of images whose processes never become ready, and whose migrations fail. */
  broken: Set<string>
}

/** Milliseconds between looks. */
const interval = 200

const name = 'node-1'

const containersOf = ({ spec }: KubernetesObject): { name: string; image: string }[] =>
  spec.containers as { name: string; image: string }[]

const conditions = (ready: boolean): object[] =>
  ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: ready || !type.endsWith('Ready') ? 'True' : 'False',
  }))

/** What a kubelet tells of a pod whose process has begun, or, where it only runs once, has ended. */
const statusOf = (pod: KubernetesObject, good: boolean): object => {
  const startedAt = new Date().toISOString()
  const once = pod.spec.restartPolicy === 'Never'
  const terminated = { exitCode: good ? 0 : 1, startedAt, finishedAt: startedAt, reason: 'Ended' }
  return {
    phase: once ? (good ? 'Succeeded' : 'Failed') : 'Running',
    startTime: startedAt,
    conditions: conditions(good && !once),
    containerStatuses: containersOf(pod).map(({ name: container, image }) => ({
      name: container,
      image,
      imageID: image,
      ready: good && !once,
      restartCount: 0,
      started: !once,
      state: once ? { terminated } : { running: { startedAt } },
    })),
  }
}

/**
 * A node that runs no containers: it tells the API of each pod that the scheduler gives it what a kubelet
 * would tell, as if the process began, or ended, at once.
 */
export const startNode = async (api: ApiClient): Promise<Node> => {
  const room = { cpu: '64', memory: '256Gi', pods: '200' }
  const at = `/api/v1/nodes/${name}`
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': 'a' }
  await api.post('/api/v1/nodes', { metadata: { name, labels } })
  await api.patch(`${at}/status`, {
    status: {
      capacity: room,
      allocatable: room,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  })
  // A new node is kept free until a controller has seen it, which is not among those that run.
  await api.patch(at, { spec: { taints: null } })

  const broken = new Set<string>()
  const isGood = (pod: KubernetesObject): boolean =>
    containersOf(pod).every(({ image }) => ![...broken].some((digest) => image.endsWith(digest)))

  const look = async (): Promise<void> => {
    const pods = await api.list(`/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`)
    for (const pod of pods) {
      const { namespace, name: own, deletionTimestamp } = pod.metadata
      const path = `/api/v1/namespaces/${namespace}/pods/${own}`
      if (deletionTimestamp !== undefined) await api.remove(path)
      else if (pod.status?.phase === 'Pending') {
        await api.patch(`${path}/status`, { status: statusOf(pod, isGood(pod)) })
      }
    }
  }
  const stopped = new AbortController()
  let fault: unknown = null
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      // What it could not tell, it tells at its next look.
      await look().catch((error: unknown) => (fault = error))
      await sleep(interval)
    }
  })()
  return {
    broken,
    [Symbol.asyncDispose]: async () => {
      stopped.abort()
      await loop
      if (fault !== null) throw fault
    },
  }
}
