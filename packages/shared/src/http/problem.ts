import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isDatabaseUnavailable } from '../database/unavailable.ts'
import { type Contract, contractOf, contractOfUrl } from './contract.ts'
import { type ErrorKind, kitErrors, problemLimits } from './errors.ts'
import { faultsOf, type SchemaFault } from './validation.ts'
import { inLanguage, type Language, languageOf, languages, type Text } from './language.ts'

/** One fault of a request: where it is, what it is, and by which name programs know it. */
export type Fault = {
  pointer: string
  code?: string
  detail: Text
  /** Where a table was sent: the line's number, its head being 1, and the name of the column. */
  row?: number
  column?: string
  /** The resource that stands in the way, as far as the caller may know it. */
  conflictsWith?: Readonly<Record<string, string | number | null>>
}

type ProblemOptions = ErrorOptions & {
  /** A sentence for the caller about this occurrence; a 5xx carries none. */
  detail?: Text
  /** Every fault of the request, with its place. */
  errors?: readonly Fault[]
  headers?: Readonly<Record<string, string>>
}

/** The one error that handlers and stores throw for what a caller should be told. */
export class ProblemError extends Error {
  readonly kind: ErrorKind
  readonly detail: Text | undefined
  readonly errors: readonly Fault[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(kind: ErrorKind, options: ProblemOptions = {}) {
    super(inLanguage(options.detail ?? kind.title, languages[0]), options)
    this.name = 'ProblemError'
    this.kind = kind
    this.detail = options.detail
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }
}

/** The body of an error answer (RFC 9457). */
export const problemBody = (
  { kind, detail, errors }: ProblemError,
  { requestId, language }: { requestId: string; language: Language },
) => ({
  type: `urn:porttrack:error:${kind.code}`,
  title: inLanguage(kind.title, language),
  status: kind.status,
  ...(detail !== undefined && kind.status < 500
    ? { detail: cut(inLanguage(detail, language), problemLimits.detail) }
    : {}),
  instance: requestId,
  code: kind.code,
  ...(errors ? { errors: withinReason(errors).map((fault) => faultIn(fault, language)) } : {}),
})

/** A fault as a caller reads it. */
export const faultIn = <F extends Fault>(fault: F, language: Language) => ({
  ...fault,
  pointer: cut(fault.pointer, problemLimits.pointer),
  ...(fault.column === undefined ? {} : { column: cut(fault.column, problemLimits.column) }),
  detail: cut(inLanguage(fault.detail, language), problemLimits.detail),
})

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`

/** Of very many faults the first, and how many more there are. */
const withinReason = (faults: readonly Fault[]): readonly Fault[] => {
  if (faults.length <= problemLimits.faults) return faults
  const told = faults.slice(0, problemLimits.faults - 1)
  const more = faults.length - told.length
  const detail = {
    en: `${more} more faults were left out`,
    es: `se han omitido ${more} errores más`,
  }
  return [...told, { pointer: '#', detail }]
}

/**
 * Sends `problem` as the answer, past the route's own serialisation; in the words of another
 * standard where the path follows one.
 */
export const sendProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  problem: ProblemError,
): FastifyReply => {
  const { headers, body } = answerOf(problem, {
    language: languageOf(request),
    requestId: request.id,
    contract: contractOf(request),
  })
  return reply.code(problem.kind.status).headers(headers).serializer(JSON.stringify).send(body)
}

type BareAnswer = {
  requestId: string
  contracts: readonly Contract[]
  /** Headers that every answer of the process has, as name and value in turn. */
  own: readonly string[]
}

/** Sends `problem` as the answer to a request that no framework has seen. */
export const writeProblem = (
  { raw, response }: { raw: IncomingMessage; response: ServerResponse },
  problem: ProblemError,
  { requestId, contracts, own }: BareAnswer,
): void => {
  const { headers, body } = answerOf(problem, {
    language: languageOf(raw),
    requestId,
    contract: contractOfUrl(contracts, raw.url ?? ''),
  })
  const text = JSON.stringify(body)
  response
    .writeHead(problem.kind.status, [
      ...own.flatMap((name, index) =>
        index % 2 === 0 && !(name in headers) ? [name, own[index + 1] ?? ''] : [],
      ),
      ...Object.entries(headers).flat(),
      'content-length',
      String(Buffer.byteLength(text)),
    ])
    .end(text)
}

type AnswerContext = { language: Language; requestId: string; contract: Contract | undefined }

const answerOf = (
  problem: ProblemError,
  { language, requestId, contract }: AnswerContext,
): { headers: Record<string, string>; body: object } => ({
  headers: {
    ...problem.headers,
    'content-language': language,
    vary: 'accept-language',
    ...(contract ? { 'api-version': contract.version } : {}),
    'content-type': contract?.errorMediaType ?? 'application/problem+json',
  },
  body: contract
    ? contract.errorBody(problem, language)
    : problemBody(problem, { requestId, language }),
})

/** Makes every error of an app a problem: thrown, invalid, unknown route, unknown method. */
export const answerProblems = (app: FastifyInstance): void => {
  const methodsOf = collectMethods(app)
  app.setErrorHandler((error, request, reply) => {
    const problem = timely(problemOf(error), request)
    if (problem.kind === kitErrors.UNAVAILABLE) {
      request.log.warn({ err: error }, 'request refused for now')
    } else if (problem.kind === kitErrors.DEADLINE_EXCEEDED) {
      request.log.warn({ err: error }, 'request not answered in time')
    } else if (problem.kind.status >= 500) {
      request.log.error({ err: error }, 'request failed')
    }
    // Of a resource that was made, but then not committed.
    reply.removeHeader('location').removeHeader('etag')
    return sendProblem(request, reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split('?', 1)[0] ?? '')
    const problem =
      allowed.length > 0
        ? new ProblemError(kitErrors.METHOD_NOT_ALLOWED, { headers: { allow: allowed.join(', ') } })
        : new ProblemError(kitErrors.NOT_FOUND)
    return sendProblem(request, reply, problem)
  })
}

/** A statement that was cancelled since nobody waits any more is no fault of the database's. */
const timely = (problem: ProblemError, { deadline }: FastifyRequest): ProblemError => {
  const late = typeof deadline?.at === 'number' && deadline.at <= performance.now()
  return late && problem.kind === kitErrors.UNAVAILABLE
    ? new ProblemError(kitErrors.DEADLINE_EXCEEDED, { cause: problem })
    : problem
}

const frameworkErrors: Record<string, ErrorKind> = {
  FST_ERR_CTP_BODY_TOO_LARGE: kitErrors.PAYLOAD_TOO_LARGE,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: kitErrors.UNSUPPORTED_MEDIA_TYPE,
  FST_ERR_MAX_PARAM_LENGTH: kitErrors.URI_TOO_LONG,
}

type FrameworkError = Error & {
  code?: string
  statusCode?: number
  validation?: SchemaFault[]
}

/** What to tell the caller about any error. */
export const problemOf = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error
  if (isDatabaseUnavailable(error)) {
    return new ProblemError(kitErrors.UNAVAILABLE, {
      headers: { 'retry-after': '2' },
      cause: error,
    })
  }
  if (!(error instanceof Error)) return new ProblemError(kitErrors.INTERNAL, { cause: error })
  const known = error as FrameworkError
  if (known.validation) {
    const context = 'validationContext' in error ? String(error.validationContext) : 'body'
    return new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: faultsOf(known.validation, (path) => placeOf(path, context)),
    })
  }
  const kind = frameworkErrors[known.code ?? '']
  if (kind) return new ProblemError(kind)
  if (known.statusCode && known.statusCode >= 400 && known.statusCode < 500) {
    // What the framework says, it says in English.
    const detail = { en: error.message, es: error.message }
    return new ProblemError(kitErrors.BAD_REQUEST, { detail, cause: error })
  }
  return new ProblemError(kitErrors.INTERNAL, { cause: error })
}

const placeOf = (path: string, context: string): string => {
  if (context === 'querystring') return `?${path.slice(1)}`
  if (context === 'params') return `{${path.slice(1)}}`
  if (context === 'headers') return `header:${path.slice(1)}`
  return `#${path}`
}

/** Remembers which methods each path takes, for 405 and its `Allow`. */
const collectMethods = (app: FastifyInstance): ((path: string) => string[]) => {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const source = url
      .replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')
    routes.push({ pattern: new RegExp(`^${source}$`), methods: [method].flat() })
  })
  return (path) => [
    ...new Set(
      routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods),
    ),
  ]
}
