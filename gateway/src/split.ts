import { existsSync } from 'node:fs'
import type { Caller } from '@porttrack/shared/auth/caller'
import { WatchedFile } from '@porttrack/shared/service/watched-file'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** The releases of a service that stand side by side while a new one proves itself. */
const tracks = ['stable', 'canary'] as const
export type TrackName = (typeof tracks)[number]

/** Where a service is reached: scheme, host and port, without a path. */
export const addressPattern = '^https?://[^/?#@]+/?$'

const Address = Type.String({ pattern: addressPattern })

/** What `<service>.json` in the folder of upstreams says; the service's own chart writes it. */
const SplitFile = Type.Object(
  {
    stable: Address,
    canary: Type.Optional(Type.Union([Address, Type.Null()])),
    weight: Type.Number({ minimum: 0, maximum: 100 }),
  },
  { additionalProperties: false },
)

/** How often a file that is not there yet is looked for, in milliseconds. */
const lookInterval = 1_000

/** Addresses of a service's releases, and the share of callers that the canary gets, in percent. */
export type Split = { stable: string; canary: string | null; weight: number }

const splitOf = ({ stable, canary = null, weight }: Static<typeof SplitFile>): Split => ({
  stable: new URL(stable).origin,
  canary: canary === null ? null : new URL(canary).origin,
  weight: canary === null ? 0 : weight,
})

/**
 * Gives a service's split as its file says at present. Without a file everything goes to `address`;
 * a file that is broken leaves the split as it was.
 */
export const watchSplit = (
  path: string | null,
  { address, secure, onFault }: WatchOptions,
): (() => Split) => {
  const whole: Split = { stable: new URL(address).origin, canary: null, weight: 0 }
  if (path === null) return () => whole
  let file: WatchedFile<Split> | null = null
  let faulty = false
  let lookedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (file !== null) return file.current()
    // Asked at each request: what is not there, or broken, is not looked for each time.
    const now = performance.now()
    if (now - lookedAt < lookInterval) return whole
    lookedAt = now
    try {
      // A file may come later: the first canary brings it.
      file = existsSync(path)
        ? new WatchedFile(path, { parse: (text) => parse(text, secure), onFault })
        : null
      faulty = false
    } catch (error) {
      if (!faulty) onFault(error)
      faulty = true
    }
    return file?.current() ?? whole
  }
}

type WatchOptions = {
  address: string
  /** Whether only https addresses will do. */
  secure: boolean
  onFault: (error: unknown) => void
}

const parse = (text: string, secure: boolean): Split => {
  const content: unknown = JSON.parse(text)
  const [fault] = Value.Errors(SplitFile, content)
  if (fault) throw new Error(`${fault.instancePath || 'the file'} ${fault.message}`)
  const split = splitOf(content as Static<typeof SplitFile>)
  for (const origin of [split.stable, split.canary]) {
    if (secure && origin?.startsWith('http:')) {
      throw new Error(`with TLS_MODE=mutual a service needs an https address, not ${origin}`)
    }
  }
  return split
}

/**
 * Which release a caller gets: always the same one while the weight stays, and with a growing weight
 * nobody goes back to the stable one. Another service's canary gets other callers.
 *
 * @param weight percent of callers for the canary
 */
export const trackOf = (
  service: string,
  { kind, subject }: Pick<Caller, 'kind' | 'subject'>,
  weight: number,
): TrackName =>
  weight > 0 && percentileOf(`${service} ${kind} ${subject}`) < weight ? 'canary' : 'stable'

/** A text's place between 0 and 100, evenly spread: FNV-1a, finished as MurmurHash3 does. */
const percentileOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 42_949_672.96
}
