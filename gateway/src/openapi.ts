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
      const [, section, name] = key === '$ref' ? (reference.exec(String(inner)) ?? []) : []
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

/** Gives the joined document as JSON text. */
export type JoinedDocument = (own: object) => Promise<string>

/** Asks all services for their documents at once, at most once in a few seconds for any number of callers. */
export const joinLive = (connections: readonly OpenUpstream[]): JoinedDocument => {
  let kept: { text: Promise<string>; until: number } | null = null
  const join = async (own: ApiDocument): Promise<string> =>
    JSON.stringify(joinDocuments(own, await Promise.all(connections.map(fetchDocument))))
  return (own) => {
    const now = performance.now()
    if (!kept || kept.until <= now) {
      kept = { text: join(own as ApiDocument), until: now + freshFor }
    }
    return kept.text
  }
}

const fetchDocument = async ({ name, stable }: OpenUpstream): Promise<ServiceDocument> => {
  try {
    const { statusCode, body } = await stable.lanes.calls.pool.request({
      method: 'GET',
      path: '/openapi.json',
      signal: AbortSignal.timeout(patience),
    })
    if (statusCode !== 200) {
      await body.dump()
      return { name, document: null }
    }
    const document: unknown = JSON.parse(await textOf(body))
    return { name, document: isDocument(document) ? document : null }
  } catch {
    // Down, slow or talking nonsense: the joined document says so, the service's own alert tells more.
    return { name, document: null }
  }
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

/** Whether joining finds what it looks at where it looks. */
const isDocument = (value: unknown): value is ApiDocument => {
  if (!isRecord(value) || !isRecord(value['paths'])) return false
  const { paths, components = {}, tags = [] } = value
  return (
    Object.values(paths as object).every(isPathItem) &&
    isRecord(components) &&
    // Joined by name: this one would be a property of every object.
    !Object.hasOwn(components, '__proto__') &&
    Object.values(components).every(isRecord) &&
    Array.isArray(tags) &&
    tags.every((tag) => isRecord(tag) && typeof tag['name'] === 'string')
  )
}

const isPathItem = (value: unknown): boolean =>
  isRecord(value) &&
  Object.entries(value).every(
    ([method, operation]) =>
      !operations.has(method) || (isRecord(operation) && Array.isArray(operation['tags'] ?? [])),
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
