import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from './helm.ts'

/** Checks a manifest, and throws what is wrong with it. */
type Validate = (this: object) => void

/** Where the schemas of each group of kinds are, below the packages in `tools`. */
const models: Record<string, string> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'batch/v1': 'kubernetes-models/batch/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'rbac.authorization.k8s.io/v1': 'kubernetes-models/rbac.authorization.k8s.io/v1',
  'argoproj.io/v1alpha1': '@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1',
  'cert-manager.io/v1': '@kubernetes-models/cert-manager/cert-manager.io/v1',
  'external-secrets.io/v1': '@kubernetes-models/external-secrets/external-secrets.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
}

type Definition = {
  spec: {
    names: { kind: string }
    versions: { name: string; schema: { openAPIV3Schema: object } }[]
  }
}

const flagger = async (): Promise<Map<string, Validate>> => {
  const text = await readFile(new URL('flagger-crd.yaml', import.meta.url), 'utf8')
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const kinds = new Map<string, Validate>()
  for (const document of parseAllDocuments(text)) {
    const { spec } = document.toJS() as Definition
    const [version] = spec.versions
    if (version === undefined) continue
    const check = ajv.compile(withEither(version.schema.openAPIV3Schema))
    kinds.set(spec.names.kind, function validate() {
      if (!check(this)) throw new Error(ajv.errorsText(check.errors))
    })
  }
  return kinds
}

/** Says in JSON Schema's words which fields take a number or a text. */
const withEither = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (_name, value: { [key: string]: unknown }) =>
    value?.['x-kubernetes-int-or-string'] ? { type: ['integer', 'string'] } : value,
  ) as object

const flaggerKinds = await flagger()
const loaded = new Map<string, Promise<Record<string, { prototype: { validate: Validate } }>>>()

const validatorOf = async ({ apiVersion, kind }: Manifest): Promise<Validate> => {
  if (apiVersion === 'flagger.app/v1beta1') {
    const validate = flaggerKinds.get(kind)
    if (validate) return validate
  }
  const path = models[apiVersion]
  if (path === undefined) throw new Error(`no schema is known of ${apiVersion} ${kind}`)
  const module =
    loaded.get(path) ??
    import(new URL(`../tools/node_modules/${path}/index.js`, import.meta.url).href)
  loaded.set(path, module)
  const model = (await module)[kind]
  if (model === undefined) throw new Error(`no schema is known of ${apiVersion} ${kind}`)
  return model.prototype.validate
}

/**
 * What a manifest has wrong by the schema of its kind, one line for each fault. Schemas say what fields
 * must look like and pass over those that they do not know, which the server would drop: so what a schema
 * never looked at, in an object that it did look into, is a fault too.
 */
export const faultsOf = async (manifest: Manifest): Promise<string[]> => {
  const validate = await validatorOf(manifest)
  const looked = new Map<object, Set<string>>()
  const watch = <T extends object>(target: T): T => {
    looked.set(target, looked.get(target) ?? new Set())
    return new Proxy(target, {
      get: (object, key) => {
        if (typeof key === 'string') looked.get(object)?.add(key)
        const value: unknown = Reflect.get(object, key)
        return typeof value === 'object' && value !== null ? watch(value) : value
      },
    })
  }
  try {
    validate.call(watch(manifest))
  } catch (error) {
    return [(error as Error).message]
  }
  return unknownFields(manifest, looked)
}

const unknownFields = (
  object: object,
  looked: ReadonlyMap<object, ReadonlySet<string>>,
  path = '',
): string[] => {
  const known = looked.get(object)
  // A schema that looks into nothing lets everything pass.
  if (known === undefined || known.size === 0) return []
  return Object.entries(object).flatMap(([name, value]) => {
    const place = `${path}/${name}`
    if (!known.has(name)) return [`${place} is no field of it`]
    return typeof value === 'object' && value !== null
      ? unknownFields(value as object, looked, place)
      : []
  })
}
