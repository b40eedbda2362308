import { type TSchema, Type } from 'typebox'
import type { Text } from './language.ts'

/** One kind of error: its stable code is the key in its table. */
export type ErrorKind = { code: string; status: ErrorStatus; title: Text }

/** Every status an error may have, with the sentence that documents it. */
const statusDescriptions = {
  400: 'The request is not well formed; `errors` names each fault',
  401: 'No token, or one that is not accepted',
  403: 'The caller may not do this',
  404: 'There is no such resource, or the caller may not know of it',
  405: 'The resource does not take this method',
  406: 'None of the accepted formats can be given',
  408: 'The request took too long to arrive',
  409: 'The state of the resource does not allow this',
  410: 'What was asked for is no longer kept',
  412: 'The resource has changed since it was read',
  413: 'The request is too large',
  414: 'The address is too long',
  415: 'The body has a format that is not taken here',
  422: 'The request contradicts an earlier one or a rule; `errors` names each fault',
  428: 'The request must say which version it changes (If-Match)',
  429: 'Too many requests; `Retry-After` says when to come back',
  431: 'The request’s headers are too large',
  500: 'The service failed',
  502: 'The service behind the gateway broke off',
  503: 'The service cannot answer for now; `Retry-After` says when to come back',
  504: 'The answer was not ready while the caller waited',
} as const

export type ErrorStatus = keyof typeof statusDescriptions

type ErrorTable<T> = { readonly [Code in keyof T]: ErrorKind & { code: Code } }

/** Builds a table of errors: code → status and title. */
export const defineErrors = <const T extends Record<string, { status: ErrorStatus; title: Text }>>(
  table: T,
): ErrorTable<T> =>
  Object.freeze(
    Object.fromEntries(Object.entries(table).map(([code, kind]) => [code, { code, ...kind }])),
  ) as ErrorTable<T>

/** The errors any service can answer with. */
export const kitErrors = defineErrors({
  BAD_REQUEST: {
    status: 400,
    title: { en: 'The request cannot be understood', es: 'No se entiende la petición' },
  },
  VALIDATION_FAILED: {
    status: 400,
    title: { en: 'The request has faults', es: 'La petición tiene errores' },
  },
  CURSOR_INVALID: {
    status: 400,
    title: {
      en: 'The cursor was not made for this list',
      es: 'El cursor no se hizo para esta lista',
    },
  },
  API_VERSION_UNSUPPORTED: {
    status: 400,
    title: {
      en: 'This version of the standard is not served here',
      es: 'Esta versión del estándar no se sirve aquí',
    },
  },
  UNAUTHENTICATED: {
    status: 401,
    title: { en: 'A valid token is needed', es: 'Hace falta un token válido' },
  },
  FORBIDDEN: { status: 403, title: { en: 'Not allowed', es: 'No está permitido' } },
  NOT_FOUND: { status: 404, title: { en: 'Not found', es: 'No existe' } },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: { en: 'Method not allowed', es: 'El método no está permitido' },
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: {
      en: 'None of the accepted formats can be given',
      es: 'No se puede dar en ninguno de los formatos aceptados',
    },
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: {
      en: 'The request took too long to arrive',
      es: 'La petición tardó demasiado en llegar',
    },
  },
  REQUEST_IN_PROGRESS: {
    status: 409,
    title: {
      en: 'A request with this key is being carried out',
      es: 'Una petición con esta clave está en curso',
    },
  },
  CONFLICT: {
    status: 409,
    title: {
      en: 'The request conflicts with the present state',
      es: 'La petición contradice el estado actual',
    },
  },
  FEED_CURSOR_GONE: {
    status: 410,
    title: {
      en: 'The feed no longer reaches back to this position',
      es: 'El canal de eventos ya no llega hasta esta posición',
    },
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: { en: 'The resource has changed', es: 'El recurso ha cambiado' },
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    title: { en: 'The body is too large', es: 'El cuerpo es demasiado grande' },
  },
  URI_TOO_LONG: {
    status: 414,
    title: { en: 'The address is too long', es: 'La dirección es demasiado larga' },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: { en: 'Unsupported media type', es: 'El formato no se admite' },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: { en: 'The key was used for another request', es: 'La clave se usó para otra petición' },
  },
  PRECONDITION_REQUIRED: { status: 428, title: { en: 'If-Match is needed', es: 'Falta If-Match' } },
  TOO_MANY_REQUESTS: {
    status: 429,
    title: { en: 'Too many requests', es: 'Demasiadas peticiones' },
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: { en: 'The headers are too large', es: 'Las cabeceras son demasiado grandes' },
  },
  INTERNAL: { status: 500, title: { en: 'The service failed', es: 'El servicio ha fallado' } },
  UPSTREAM_BROKEN: {
    status: 502,
    title: { en: 'The service broke off', es: 'El servicio cortó la respuesta' },
  },
  UNAVAILABLE: {
    status: 503,
    title: {
      en: 'The service cannot answer for now',
      es: 'El servicio no puede responder por ahora',
    },
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    title: {
      en: 'The answer was not ready in time',
      es: 'La respuesta no estuvo lista a tiempo',
    },
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: { en: 'The service took too long', es: 'El servicio tardó demasiado' },
  },
})

/**
 * Characters that the texts of a problem have at most, and its faults: what a caller puts into a
 * request, such as the name of an unknown property, must not make the answer larger than that.
 */
export const problemLimits = {
  title: 200,
  detail: 1_000,
  pointer: 500,
  code: 64,
  column: 200,
  /** As many as a person reads. */
  faults: 1_000,
}

/**
 * RFC 9457 problem details with a stable code and the place of each fault. Titles and details are in
 * the language that `Accept-Language` prefers, English or Spanish.
 */
export const Problem = Type.Object(
  {
    type: Type.String({
      pattern: '^urn:porttrack:error:[A-Z][A-Z0-9_]{1,63}$',
      description: 'URN of the kind of error',
    }),
    title: Type.String({ maxLength: problemLimits.title }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String({ maxLength: problemLimits.detail })),
    instance: Type.String({ maxLength: 64, description: 'Id of the request' }),
    code: Type.String({
      pattern: '^[A-Z][A-Z0-9_]{1,63}$',
      description: 'Stable code, see the table of errors',
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            maxLength: problemLimits.pointer,
            description:
              'Place of the fault: a JSON pointer such as `#/name` for the body, `?limit` for the query, `{id}` for the path, `header:if-match` for a header',
          }),
          code: Type.Optional(
            Type.String({
              maxLength: problemLimits.code,
              description: 'Stable name of the condition that is not met',
            }),
          ),
          detail: Type.String({ maxLength: problemLimits.detail }),
          row: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'Line of a table that was sent; its head is 1',
            }),
          ),
          column: Type.Optional(
            Type.String({
              maxLength: problemLimits.column,
              description: 'Column of a table that was sent',
            }),
          ),
          conflictsWith: Type.Optional(
            Type.Object(
              {},
              {
                additionalProperties: true,
                description: 'The resource that stands in the way, as far as you may know it',
              },
            ),
          ),
        }),
        {
          maxItems: problemLimits.faults,
          description: 'Every fault; of very many the first, and how many more there are',
        },
      ),
    ),
  },
  { $id: 'Problem' },
)

/** Declares a route's error answers: `response: { 200: Vessel, ...errors(404, 409) }`. */
export const errors = <const S extends ErrorStatus>(...statuses: S[]): Record<S, TSchema> =>
  errorsAs({ mediaType: 'application/problem+json', schema: Type.Ref('Problem') }, statuses)

/** Declares error answers of another shape than problem details. */
export const errorsAs = <const S extends ErrorStatus>(
  { mediaType, schema }: { mediaType: string; schema: TSchema },
  statuses: readonly S[],
): Record<S, TSchema> =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: statusDescriptions[status], content: { [mediaType]: { schema } } },
    ]),
  ) as unknown as Record<S, TSchema>

/** What every route that needs a token can answer, beside its own. */
export const commonErrors = [400, 401, 403, 408, 414, 429, 431, 500, 503, 504] as const

/** What a route that takes a body can answer besides. */
export const bodyErrors = [413, 415] as const
