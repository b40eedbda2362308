import { strictAjv } from '@porttrack/shared/http/validation'
import type { TestAnswer } from '@porttrack/shared/testing/start-service'
import type { ValidateFunction } from 'ajv'
import fc from 'fast-check'
import type { ApiDocument, Operation } from '../api/document.ts'
import type { Door } from '../api/services.ts'
import { type FuzzedRequest, invalidRequests, validRequests } from './requests.ts'

export type FuzzOptions = {
  /** Where requests go in. */
  door: Door
  document: ApiDocument
  /** Ids of what exists already, by service and collection. */
  objects: Record<string, string>
  /** Requests to each operation, right ones and wrong ones each. */
  rounds: number
  seed: number
}

/** What was found: answers that are not as the document says, and operations that did what they are for. */
export type Findings = { faults: string[]; succeeded: ReadonlySet<Operation> }

/** Sends every operation of a document right and wrong requests, and judges the answers by it. */
export const fuzz = async ({
  door,
  document,
  objects,
  rounds,
  seed,
}: FuzzOptions): Promise<Findings> => {
  const fuzzer = new Fuzzer(door, document, objects)
  const faults: string[] = []
  // What makes things comes first, so that what is asked of things finds some.
  const inOrder = document.operations.toSorted((a, b) => order(a) - order(b))
  for (const operation of inOrder) {
    for (const requests of [validRequests(operation), invalidRequests(operation)]) {
      const property = fc.asyncProperty(requests, (request) => fuzzer.send(operation, request))
      const result = await fc.check(property, { seed, numRuns: rounds, endOnFailure: true })
      if (result.failed) faults.push(faultOf(operation, result))
    }
  }
  return { faults, succeeded: fuzzer.succeeded }
}

const order = ({ method, path }: Operation): number =>
  method === 'POST' && !path.includes('{')
    ? 0
    : ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'].indexOf(method)

const faultOf = ({ method, path }: Operation, result: fc.RunDetails<[FuzzedRequest]>): string =>
  `${method} ${path}: ${String((result.errorInstance as Error | undefined)?.message)} — ${JSON.stringify(result.counterexample)}`

/** Sends requests to one service, and remembers the ids of what they have made. */
class Fuzzer {
  /** Operations that have done at least once what they are for. */
  readonly succeeded = new Set<Operation>()
  readonly #service: Door
  readonly #document: ApiDocument
  readonly #ids = new Map<string, string[]>()
  readonly #validators = new Map<object, ValidateFunction>()

  /** @param objects ids of what exists already, by service and collection */
  constructor(service: Door, document: ApiDocument, objects: Record<string, string>) {
    this.#service = service
    this.#document = document
    for (const [place, id] of Object.entries(objects)) {
      const [owner, path = ''] = place.split(' ')
      if (owner === service.name) this.#ids.set(collectionOf(path), [id])
    }
  }

  /** @throws when the answer is not one that the document declares */
  async send(operation: Operation, request: FuzzedRequest): Promise<void> {
    const { as, headers, body, wrong } = request
    const answer = await this.#service.request(operation.method, this.#target(operation, request), {
      as,
      headers: { ...headers, ...(body ? { 'content-type': body.type } : {}) },
      ...(body ? { body: this.#textOf(body, request) } : {}),
    })
    this.#check(operation, answer)
    if (wrong !== undefined && (answer.status < 400 || answer.status > 499)) {
      throw new Error(`${answer.status} though ${wrong} is wrong`)
    }
    if (answer.status < 300) this.succeeded.add(operation)
    const id: unknown = answer.body?.id
    if (answer.status === 201 && typeof id === 'string') {
      const collection = collectionOf(operation.path)
      this.#ids.set(collection, [...(this.#ids.get(collection) ?? []), id].slice(-20))
    }
  }

  #target({ path }: Operation, { path: values, query, pick }: FuzzedRequest): string {
    const filled = path.replaceAll(
      /([\w-]+)\/\{(\w+)\}/g,
      (_all, collection: string, name: string) => {
        const given = String(values[name])
        return `${collection}/${encodeURIComponent(/id$/i.test(name) ? this.#id(collection, pick, given) : given)}`
      },
    )
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
      // A long poll would be waited for.
      const sent = name === 'wait' ? 0 : value
      for (const each of [sent].flat()) search.append(name, String(each))
    }
    return search.size === 0 ? filled : `${filled}?${search.toString()}`
  }

  #textOf(body: NonNullable<FuzzedRequest['body']>, { pick, wrong }: FuzzedRequest): string {
    if ('text' in body) return body.text
    return JSON.stringify(wrong === undefined ? this.#withIds(body.value, pick) : body.value)
  }

  /**
   * Addresses in a body are ones that can be had; ids, such as `vesselId`, are of things that exist where
   * there are such.
   */
  #withIds(body: unknown, pick: number): unknown {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        // A random name would be looked up, and take its time.
        if (name === 'url') return [name, 'https://93.184.216.34/hook']
        const [, noun] = /^(\w+)Id$/.exec(name) ?? []
        return [name, noun ? this.#id(`${noun}s`, pick, String(value)) : value]
      }),
    )
  }

  #id(collection: string, pick: number, otherwise: string): string {
    const known = this.#ids.get(collection) ?? []
    return pick < 0 ? otherwise : (known[pick % known.length] ?? otherwise)
  }

  #check({ answers }: Operation, { status, headers, text, body }: TestAnswer): void {
    if (status >= 500) throw new Error(`${status}: ${text}`)
    const declared = answers[status]
    if (declared === undefined) throw new Error(`${status} is not declared: ${text}`)
    if (declared === null || text === '') {
      if (text !== '') throw new Error(`${status} is declared without a body: ${text}`)
      return
    }
    const type = String(headers['content-type']).split(';')[0] ?? ''
    const schema = declared[type]
    if (!schema) throw new Error(`${status} as ${type} is not declared`)
    if (!type.endsWith('json')) return
    let validate = this.#validators.get(schema)
    if (!validate) {
      const components = { schemas: this.#document.schemas }
      validate = strictAjv(false).compile({ ...schema, components })
      this.#validators.set(schema, validate)
    }
    if (!validate(body)) {
      throw new Error(`${status} is not as declared: ${JSON.stringify(validate.errors)} in ${text}`)
    }
  }
}

/** What an operation makes, by its path: `certificates` of `/v1/vessels/{vesselId}/certificates`. */
const collectionOf = (path: string): string =>
  path.split('/').findLast((part) => !part.startsWith('{')) ?? ''
