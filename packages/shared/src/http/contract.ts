import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Language } from './language.ts'
import type { ProblemError } from './problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The other standards that paths of this app follow. */
    contracts: readonly Contract[]
  }
}

/** Another standard's contract for the paths below a prefix, in place of the kit's own. */
export type Contract = {
  /** First segments of its paths, as this process serves them: `/dcsa/port-call/v2`. */
  prefix: string
  /** Full version of the standard; every answer names it in `API-Version`. */
  version: string
  /** The body of an error answer, instead of problem details. */
  errorBody: (problem: ProblemError, language: Language) => object
  errorMediaType: string
  /** What `errorBody` gives, with the `$id` that documents know it by. */
  errorSchema: TSchema & { $id: string }
}

/** The same contract where another process serves it, such as a gateway. */
export const contractBelow = (segment: string, contract: Contract): Contract => ({
  ...contract,
  prefix: `/${segment}${contract.prefix}`,
})

/** The contract that a path follows, if not the kit's own. */
export const contractAt = (contracts: readonly Contract[], path: string): Contract | undefined =>
  contracts.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))

/** The contract of a request, also of one to an unknown path or with a method that is not taken. */
export const contractOf = ({ server, url }: FastifyRequest): Contract | undefined =>
  contractOfUrl(server.contracts, url)

/** The same for a request that no framework has seen. */
export const contractOfUrl = (contracts: readonly Contract[], url: string): Contract | undefined =>
  contracts.length === 0 ? undefined : contractAt(contracts, plainPath(url))

/** The path as routes are found by it: `%65vents` is `events`. */
const plainPath = (url: string): string => {
  const path = url.split('?', 1)[0] ?? ''
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
