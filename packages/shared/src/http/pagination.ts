import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { derived, keysOf, type Secret } from '../service/secret.ts'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

/** Items of a page, at most. */
export const longestPage = 200

/** Characters of a cursor, at most. */
const longestCursor = 2_000

/** Query parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: longestPage,
      default: 50,
      description: 'Items on a page',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: longestCursor,
      description: '`next` of the page before',
    }),
  ),
}

/**
 * A page of items; `next` is the cursor of the page that follows, null on the last.
 *
 * @param most items of a page, where its list has a limit of its own
 */
export const PageOf = <S extends TSchema>(item: S, most = longestPage) =>
  Type.Object({
    items: Type.Array(item, { maxItems: most }),
    next: Type.Union([Type.String({ maxLength: longestCursor }), Type.Null()]),
  })

/** The values of the sort keys of the last item of a page; its order is the list's. */
export type Position = readonly (string | number | null)[]

export type Page<T> = { items: T[]; next: string | null }

type ListQuery = { limit?: number; cursor?: string } & Record<string, unknown>

/**
 * Signs and reads cursors. A cursor is bound to the filter and order it was made for, and cannot be
 * made or changed by a caller.
 */
export class Cursors {
  readonly #keys: () => readonly [string, ...string[]]

  /** @param keys the same on every replica: the first signs, what any of them signed is read */
  constructor(keys: Secret) {
    this.#keys = derived(keys, keysOf)
  }

  /** @throws ProblemError 400 when the cursor is forged, damaged or from another list */
  read(list: string, query: ListQuery): Position | null {
    if (query.cursor === undefined) return null
    const [body = '', signature = ''] = query.cursor.split('.', 2)
    const given = Buffer.from(signature, 'base64url')
    const signed = (key: string): boolean => {
      const expected = sign(key, boundTo(list, query), body)
      return given.length === expected.length && timingSafeEqual(given, expected)
    }
    if (!this.#keys().some(signed)) {
      throw new ProblemError(kitErrors.CURSOR_INVALID, {
        errors: [
          {
            pointer: '?cursor',
            detail: {
              en: 'was not made for this list, filter and order',
              es: 'no se hizo para esta lista, filtro y orden',
            },
          },
        ],
      })
    }
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Position
  }

  /**
   * Makes a page of what a store gave when asked for one item more than the limit.
   *
   * @param positionOf the sort keys of an item
   */
  page<T>(
    list: string,
    query: ListQuery,
    { found, positionOf }: { found: readonly T[]; positionOf: (item: T) => Position },
  ): Page<T> {
    const limit = query.limit ?? 50
    const items = found.slice(0, limit)
    const last = items.at(-1)
    if (found.length <= limit || last === undefined) return { items, next: null }
    const body = Buffer.from(JSON.stringify(positionOf(last))).toString('base64url')
    const signature = sign(this.#keys()[0], boundTo(list, query), body)
    return { items, next: `${body}.${signature.toString('base64url')}` }
  }
}

/** Digest of the list, filter and order that a cursor is for. */
const boundTo = (list: string, query: ListQuery): string => {
  const filter = Object.entries(query)
    .filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([list, filter]))
    .digest('hex')
}

const sign = (key: string, bound: string, body: string): Buffer =>
  createHmac('sha256', key).update(`${bound}.${body}`).digest()

/**
 * Gives every page that has a `next` its `Link: rel="next"` (RFC 8288) as well. The reference is
 * relative, so that it holds behind the gateway too.
 */
export const linkNextPages = (app: FastifyInstance): void => {
  app.addHook('preSerialization', async (request, reply, payload) => {
    const { querystring } = (request.routeOptions.schema ?? {}) as {
      querystring?: { properties?: object }
    }
    const next: unknown =
      payload !== null && typeof payload === 'object' && 'next' in payload && payload.next
    if (typeof next === 'string' && 'cursor' in (querystring?.properties ?? {})) {
      const query = new URLSearchParams(request.url.split('?', 2)[1])
      query.set('cursor', next)
      reply.header('link', `<?${query.toString()}>; rel="next"`)
    }
    return payload
  })
}
