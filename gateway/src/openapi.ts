import type { Logger } from '@porttrack/shared/logging/logger'
import { publicServer } from '@porttrack/shared/service/openapi'
import type { OpenUpstream } from './upstreams.ts'

type Operation = { operationId?: string; tags?: string[] } & Record<string, unknown>
type PathItem = Record<string, unknown>

/** The parts of an OpenAPI 3.1 document that joining looks at. */
export type ApiDocument = {
  openapi: string
  info: Record<string, unknown>
  paths: Record<string, PathItem>
  components?: Record<string, Record<string, unknown>>
  tags?: { name: string; description?: string }[]
} & Record<string, unknown>

/** A service's document, or null when it cannot be had. */
export type ServiceDocument = { name: string; document: ApiDocument | null }

const operations = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])

/**
 * Alike everywhere: a token for the gateway is a token for each service, and the gateway's limits are
 * those of every answer.
 */
const sharedComponents = new Set(['securitySchemes', 'headers'])

/**
 * One document of the gateway's own and the services': paths as callers see them, and every name
 * (components, tags, operation ids) begun with the service's, so that none can clash. Services that
 * could not be asked are named in `info.x-unavailable`.
 */
export const joinDocuments = (
  own: ApiDocument,
  services: readonly ServiceDocument[],
): ApiDocument => {
  const joined: ApiDocument = {
    ...own,
    servers: [publicServer('/')],
    info: { ...own.info },
    paths: { ...own.paths },
    components: structuredClone(own.components ?? {}),
    tags: [...(own.tags ?? [])],
  }
  const ids = new Set<string>()
  const unavailable: string[] = []
  for (const { name, document } of services) {
    if (document) add(document, { to: joined, name, ids })
    else unavailable.push(name)
  }
  if (unavailable.length > 0) joined.info['x-unavailable'] = unavailable
  return joined
}

type Joining = { to: ApiDocument; name: string; ids: Set<string> }

const add = (document: ApiDocument, { to, name, ids }: Joining): void => {
  const { paths, components = {}, tags = [] } = renameReferences(document, name) as ApiDocument
  const used = new Set<string>()
  for (const [path, item] of Object.entries(paths)) {
    to.paths[`/${name}${path}`] = Object.fromEntries(
      Object.entries(item).map(([method, value]) => {
        if (!operations.has(method)) return [method, value]
        const operation = value as Operation
        const ownTags = operation.tags?.map((tag) => `${name}/${tag}`) ?? [name]
        for (const tag of ownTags) used.add(tag)
        const wanted = operation.operationId ?? `${method} ${path}`
        const operationId = unique(camelCase(`${name} ${wanted}`), ids)
        return [method, { ...operation, operationId, tags: ownTags }]
      }),
    )
  }
  for (const [section, entries] of Object.entries(components)) {
    const target = ((to.components ??= {})[section] ??= {})
    for (const [key, value] of Object.entries(entries)) {
      if (!sharedComponents.has(section)) target[`${name}.${key}`] = value
      else target[key] ??= value
    }
  }
  const described = new Map(tags.map((tag) => [`${name}/${tag.name}`, tag]))
  for (const tag of used) to.tags?.push({ ...described.get(tag), name: tag })
}

const reference = /^#\/components\/([^/]+)\/(.+)$/

/** Points every `$ref` to the component's name in the joined document. */
const renameReferences = (value: unknown, service: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, service))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const [, section, name] = (key === '$ref' && isText(inner) && reference.exec(inner)) || []
      if (section === undefined) return [key, renameReferences(inner, service)]
      if (sharedComponents.has(section)) return [key, inner]
      return [key, `#/components/${section}/${service}.${name}`]
    }),
  )
}

const camelCase = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`))
    .join('')

const unique = (id: string, taken: Set<string>): string => {
  let free = id
  for (let n = 2; taken.has(free); n += 1) free = `${id}${n}`
  taken.add(free)
  return free
}

/** How long a joined document is answered without asking the services again, in milliseconds. */
const freshFor = 5_000

/** A service that takes longer counts as unavailable, in milliseconds. */
const patience = 2_000

/** A document that is larger counts as none, in bytes: several times the largest there is. */
const largest = 16_777_216

/** A document that is nested deeper counts as none: several times the deepest there is. */
const deepest = 100

/** Gives the joined document as JSON text. */
export type JoinedDocument = (own: object) => Promise<string>

/**
 * Asks all services for their documents at once, at most once in a few seconds for any number of
 * callers. Why a document is left out is logged when it changes, not each time.
 */
export const joinLive = (connections: readonly OpenUpstream[], log: Logger): JoinedDocument => {
  let kept: { text: Promise<string>; until: number } | null = null
  const faults = new Map<string, string>()
  const documentFrom = async (upstream: OpenUpstream): Promise<ServiceDocument> => {
    const { name } = upstream
    try {
      const document = await fetchDocument(upstream)
      faults.delete(name)
      return { name, document }
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      if (faults.get(name) !== fault) {
        log.warn({ err: error, 'labels.upstream': name }, 'the document of a service is left out')
      }
      faults.set(name, fault)
      return { name, document: null }
    }
  }
  const join = async (own: ApiDocument): Promise<string> =>
    JSON.stringify(joinDocuments(own, await Promise.all(connections.map(documentFrom))))
  return (own) => {
    const now = performance.now()
    if (!kept || kept.until <= now) {
      kept = { text: join(own as ApiDocument), until: now + freshFor }
    }
    return kept.text
  }
}

/** @throws when the service is down, slow or talks nonsense */
const fetchDocument = async ({ stable }: OpenUpstream): Promise<ApiDocument> => {
  const { statusCode, body } = await stable.lanes.calls.pool.request({
    method: 'GET',
    path: '/openapi.json',
    signal: AbortSignal.timeout(patience),
  })
  if (statusCode !== 200) {
    await body.dump()
    throw new Error(`the service answers ${statusCode}`)
  }
  const document: unknown = JSON.parse(await textOf(body))
  if (!isWithin(document, deepest)) throw new Error('the document is nested too deeply')
  if (!isDocument(document)) throw new Error('the document is none of OpenAPI')
  return document
}

/** @throws when it is larger than a document may be; the rest of it is not read then */
const textOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > largest) throw new Error('the document is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Whether nothing in a value lies deeper than `levels`. */
const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1)))

/** Whether joining finds what it looks at where it looks. */
const isDocument = (value: unknown): value is ApiDocument => {
  if (!isRecord(value) || !isRecord(value['paths'])) return false
  const { paths, components = {}, tags = [] } = value
  return (
    Object.values(paths as object).every(isPathItem) &&
    isRecord(components) &&
    // Joined by name: one that every object has would be looked for there.
    !Object.keys(components).some((section) => section in Object.prototype) &&
    Object.values(components).every(isRecord) &&
    Array.isArray(tags) &&
    tags.every((tag) => isRecord(tag) && isText(tag['name']))
  )
}

const isPathItem = (value: unknown): boolean =>
  isRecord(value) &&
  Object.entries(value).every(
    ([method, operation]) => !operations.has(method) || isOperation(operation),
  )

const isOperation = (value: unknown): boolean => {
  if (!isRecord(value)) return false
  const { operationId = '', tags = [] } = value
  return typeof operationId === 'string' && Array.isArray(tags) && tags.every(isText)
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
