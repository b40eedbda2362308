import { type ErrorKind, kitErrors } from '@porttrack/shared/http/errors'
import { webhookErrors } from '@porttrack/shared/webhooks/webhook'
import { type AnyService, resourcesOf } from '@porttrack/shared/service/define-service'
import { page, table } from './markdown.ts'

/** `docs/errors.md`: every code an answer can carry. */
export const errorsPage = (processes: readonly AnyService[]): string =>
  page('Errors', 'the error tables', [
    'Errors are RFC 9457 problem details. The `code` is stable: programs decide by it. `errors` lists every fault with its place: `#/name` in the body, `?limit` in the query, `{id}` in the path, `header:if-match` among the headers, `#cell=7,2` in a table that was sent (row 7, column 2). Titles and details are in English, or in Spanish where `Accept-Language` prefers it.',
    '## Any service',
    codes([kitErrors, webhookErrors]),
    ...processes.flatMap((process) => {
      const tables = resourcesOf(process).flatMap(({ errors = [] }) => errors)
      return tables.length === 0 ? [] : [`## ${process.name}`, codes(tables)]
    }),
  ])

const codes = (tables: readonly Readonly<Record<string, ErrorKind>>[]): string =>
  table(
    ['code', 'status', 'meaning', 'en español'],
    tables.flatMap((kinds) =>
      Object.values(kinds).map(({ code, status, title }) => [
        `\`${code}\``,
        status,
        title.en,
        title.es,
      ]),
    ),
  )
