import { type Static, Type } from 'typebox'
import type { Contract } from './contract.ts'
import { inLanguage, type Language, type Text } from './language.ts'
import type { Fault, ProblemError } from './problem.ts'

/**
 * What the interfaces of the Digital Container Shipping Association have in common: errors and
 * notes are told in feedback elements.
 */

export const FeedbackElement = Type.Object(
  {
    severity: Type.Enum(['ERROR', 'WARN', 'INFO'], {
      description:
        'ERROR prevents processing, fully or in part; WARN tells of processing that may not be expected; INFO of how it was done',
    }),
    message: Type.String({ maxLength: 5_000 }),
    propertyPath: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: 'JSONPath of the property that is meant, within the request’s message',
      }),
    ),
  },
  { $id: 'FeedbackElement' },
)
export type FeedbackElement = Static<typeof FeedbackElement>
export type Severity = FeedbackElement['severity']

/** As many faults of a request are told as a person reads; the rest is counted. */
const mostElements = 1_000

/** What `withinReason` lets through: with it comes one element that counts what was left out. */
export const FeedbackElements = (description: string) =>
  Type.Array(FeedbackElement, { maxItems: mostElements + 1, description })

const FeedbackError = {
  ...Type.Object({
    feedbackElements: FeedbackElements(
      'Why the request could not be processed; at least one is an ERROR',
    ),
  }),
  $id: 'FeedbackError',
}

/** The contract of one DCSA interface, by the prefix of its paths and its full version. */
export const dcsaContract = (of: { prefix: string; version: string }): Contract => ({
  ...of,
  errorMediaType: 'application/json',
  errorSchema: FeedbackError,
  errorBody: (problem, language) => ({ feedbackElements: elementsOf(problem, language) }),
})

const elementsOf = (
  { kind, detail, errors = [] }: ProblemError,
  language: Language,
): FeedbackElement[] => {
  if (errors.length === 0) {
    const told = kind.status < 500 ? detail : undefined
    return [feedbackElement({ severity: 'ERROR', message: told ?? kind.title }, language)]
  }
  return withinReason(
    errors.map((fault) => faultElement(fault, 'ERROR', language)),
    language,
  )
}

/** Feedback whose length does not grow with what a caller can put into one request. */
export const withinReason = (
  elements: FeedbackElement[],
  language: Language,
): FeedbackElement[] => {
  const more = elements.length - mostElements
  if (more <= 0) return elements
  const message = {
    en: `${more} more of these were left out`,
    es: `se han omitido ${more} más como estos`,
  }
  return [
    ...elements.slice(0, mostElements),
    feedbackElement({ severity: 'INFO', message }, language),
  ]
}

/** A fault as feedback. What has no place in the message, such as a query parameter, is named. */
export const faultElement = (
  { pointer, detail }: Fault,
  severity: Severity,
  language: Language,
): FeedbackElement => {
  if (pointer.startsWith('#')) {
    return feedbackElement({ severity, message: detail, path: jsonPathOf(pointer) }, language)
  }
  const name = pointer.replace(/^(?:\?|header:)/, '').replace(/^\{(.*)\}$/, '$1')
  const message = { en: `${name}: ${detail.en}`, es: `${name}: ${detail.es}` }
  return feedbackElement({ severity, message }, language)
}

type Feedback = { severity: Severity; message: Text; path?: string }

/** Feedback in a caller's language, cut to the lengths that DCSA sets. */
export const feedbackElement = (
  { severity, message, path }: Feedback,
  language: Language,
): FeedbackElement => ({
  severity,
  message: inLanguage(message, language).slice(0, 5_000),
  // A path that is cut would name something else.
  ...(path === undefined || path.length > 1_000 ? {} : { propertyPath: path }),
})

/** A JSON pointer (RFC 6901) in a body as JSONPath (RFC 9535): `#/events/2/x` is `$.events[2].x`. */
export const jsonPathOf = (pointer: string): string => {
  const [, ...segments] = pointer.split('/')
  return segments.reduce((path, segment) => {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    if (/^(?:0|[1-9]\d*)$/.test(name)) return `${path}[${name}]`
    if (/^[A-Za-z_]\w*$/.test(name)) return `${path}.${name}`
    const quoted = name.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)
    return `${path}['${quoted}']`
  }, '$')
}
