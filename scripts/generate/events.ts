import type { AnyService } from '@porttrack/shared/service/define-service'
import { page, table } from './markdown.ts'

type DataSchema = { properties?: Record<string, unknown> }

/** `docs/events.md`: what each service tells the others. */
export const eventsPage = (services: readonly AnyService[]): string =>
  page('Events', 'the event tables', [
    'Each service serves its events in commit order as CloudEvents 1.0 at `GET /{service}/v1/feed`: pages with long poll, or server-sent events with `Accept: text/event-stream`. Begin without `after`, go on with the `next` of each page. 410 means that the feed no longer reaches back so far: begin anew. A caller or a [webhook](webhooks.md) of an organisation gets the events of which a property under "whose it is" names that organisation.',
    ...services.flatMap(({ name, events = {} }) => [
      `## ${name}`,
      table(
        ['type', 'meaning', 'data', 'whose it is'],
        Object.entries(events).map(([type, { description, data, organizations = [] }]) => [
          `\`${type}\``,
          description,
          Object.keys((data as DataSchema).properties ?? {})
            .map((key) => `\`${key}\``)
            .join(', '),
          organizations.map((property) => `\`${property}\``).join(', '),
        ]),
      ),
    ]),
  ])
