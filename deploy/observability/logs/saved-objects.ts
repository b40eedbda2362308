/** Kibana's saved objects: the view of all lines, searches that an operator begins with, a dashboard. */

const view = 'porttrack-logs'

const columns = ['service.name', 'log.level', 'message', 'http.route', 'http.response.status_code']

type Search = { id: string; title: string; description: string; query: string }

/** In Kibana's query language; runbooks lead to the same. */
export const searches: readonly Search[] = [
  {
    id: 'porttrack-errors',
    title: 'Errors',
    description: 'What someone should be woken for: a healthy platform writes none.',
    query: 'log.level : ("error" or "fatal")',
  },
  {
    id: 'porttrack-warnings',
    title: 'Warnings',
    description: 'What a process copes with by itself.',
    query: 'log.level : "warn"',
  },
  {
    id: 'porttrack-failed-requests',
    title: 'Failed requests',
    description: 'Answered 5xx; 499 where the caller gave up.',
    query: 'http.response.status_code >= 499',
  },
  {
    id: 'porttrack-slow-requests',
    title: 'Slow requests',
    description: 'That took longer than a second; event.duration is in nanoseconds.',
    query: 'event.duration > 1000000000 and not http.route : "/v1/feed"',
  },
  {
    id: 'porttrack-refused',
    title: 'Refused callers',
    description: 'Tokens that were not accepted, with the reason.',
    query: 'event.outcome : "failure" and event.reason : *',
  },
  {
    id: 'porttrack-starts',
    title: 'Starts and ends',
    description: 'When processes stopped, and why they did not start.',
    query:
      'message : ("stopping" or "unexpected failure, stopping" or "the service did not start")',
  },
]

const reference = {
  id: view,
  name: 'kibanaSavedObjectMeta.searchSourceJSON.index',
  type: 'index-pattern',
}

const savedSearch = ({ id, title, description, query }: Search) => ({
  id,
  type: 'search',
  attributes: {
    title: `PortTrack: ${title}`,
    description,
    columns,
    sort: [['@timestamp', 'desc']],
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({
        query: { query, language: 'kuery' },
        filter: [],
        indexRefName: reference.name,
      }),
    },
  },
  references: [reference],
})

const dashboard = {
  id: 'porttrack-logs',
  type: 'dashboard',
  attributes: {
    title: 'PortTrack: logs',
    description: 'Errors, failed and slow requests, and starts, side by side.',
    optionsJSON: JSON.stringify({ useMargins: true }),
    timeRestore: true,
    timeFrom: 'now-3h',
    timeTo: 'now',
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
    },
    panelsJSON: JSON.stringify(
      searches.map((_search, n) => ({
        type: 'search',
        panelIndex: String(n),
        panelRefName: `panel_${n}`,
        gridData: { i: String(n), x: (n % 2) * 24, y: Math.floor(n / 2) * 15, w: 24, h: 15 },
        embeddableConfig: {},
      })),
    ),
  },
  references: searches.map(({ id }, n) => ({ id, name: `${n}:panel_${n}`, type: 'search' })),
}

const dataView = {
  id: view,
  type: 'index-pattern',
  attributes: { title: 'logs-porttrack-*', name: 'PortTrack', timeFieldName: '@timestamp' },
  references: [],
}

/** One object a line, as Kibana imports them. */
export const savedObjects = (): string =>
  [dataView, ...searches.map(savedSearch), dashboard]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('')

/** Fields that the searches and their columns name. */
export const fieldsSearched = (): string[] => [
  ...new Set([
    ...columns,
    ...searches.flatMap(({ query }) =>
      [...query.matchAll(/([a-z_]+(?:\.[a-z_]+)*) (?::|>|>=|<|<=) /g)].map(([, name = '']) => name),
    ),
  ]),
]
