import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments } from 'yaml'

/** An object of Kubernetes, as far as it matters here. */
export type Manifest = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

/**
 * The objects of a text in YAML, without hooks.
 *
 * @throws when it is no YAML
 */
export const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    const [fault] = document.errors
    if (fault) throw fault
    const manifest = document.toJS() as Manifest | null
    return manifest === null || manifest.metadata.annotations?.['helm.sh/hook'] ? [] : [manifest]
  })

/** What a release consists of: what only its stable pods have, and what they share with a canary. */
type Parts = { own: Manifest[]; shared: Manifest[] }

const ownKinds = new Set(['Deployment', 'HorizontalPodAutoscaler'])

/** They are looked at, or looked after, by others, and reach neither pods nor callers. */
const harmless = new Set(['PrometheusRule', 'ServiceMonitor', 'PodDisruptionBudget'])

/** @param manifests of a release without a canary */
export const partsOf = (manifests: readonly Manifest[]): Parts => ({
  own: manifests.filter(({ kind }) => ownKinds.has(kind)),
  shared: manifests.filter(({ kind }) => !ownKinds.has(kind) && !harmless.has(kind)),
})

/** The controller that a release is handed to instead of the release command; null when it is none. */
export const controllerOf = (manifests: readonly Manifest[]): 'argo' | 'flagger' | null => {
  if (manifests.some(({ kind }) => kind === 'Rollout')) return 'argo'
  return manifests.some(({ kind }) => kind === 'Canary') ? 'flagger' : null
}

/** Fields of which each entry stands for itself: one more changes nothing for who uses the others. */
const entries = new Set(['data', 'stringData', 'annotations'])

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Where something does more than grow, as paths. A list may have more elements, a map of entries more
 * entries; everything else is to be as it was.
 */
const changesOf = (before: unknown, after: unknown, path: readonly string[]): string[] => {
  if (Array.isArray(before) && Array.isArray(after)) {
    const isKept = before.every((each) => after.some((other) => isDeepStrictEqual(each, other)))
    return isKept ? [] : [path.join('.')]
  }
  if (isObject(before) && isObject(after)) {
    const mayGrow = entries.has(path.at(-1) ?? '')
    const names = Object.keys(mayGrow ? before : { ...before, ...after })
    return names.flatMap((name) => changesOf(before[name], after[name], [...path, name]))
  }
  return isDeepStrictEqual(before, after) ? [] : [path.join('.')]
}

/** Labels of an object itself select no pod; those with its versions change with every release. */
const withoutLabels = ({ metadata: { labels: _labels, ...metadata }, ...manifest }: Manifest) => ({
  ...manifest,
  metadata: { annotations: {}, ...metadata },
})

/**
 * What would change for stable pods too as soon as a canary begins, other than by growing: each as the
 * object's kind, name and the field.
 */
export const sharedChanges = (before: readonly Manifest[], after: readonly Manifest[]): string[] =>
  before.flatMap((old) => {
    const { kind, metadata } = old
    const name = `${kind} ${metadata.name}`
    const fresh = after.find((each) => each.kind === kind && each.metadata.name === metadata.name)
    if (!fresh) return [`${name} (is gone)`]
    return changesOf(withoutLabels(old), withoutLabels(fresh), []).map(
      (path) => `${name} (${path})`,
    )
  })
