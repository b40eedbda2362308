/** What a panel's numbers are, in Grafana's names of units. */
type Unit = 's' | 'bytes' | 'percentunit' | 'reqps' | 'short' | 'dtdurations' | 'ops'

/** One question to Prometheus and what its answers are called, in Grafana's templates. */
export type Query = {
  expr: string
  legend: string
  /** Shows the traces behind the numbers as points that lead to them. */
  exemplars?: true
}

export type Panel = {
  title: string
  /** What it shows and what to make of it. */
  description: string
  kind: 'timeseries' | 'stat' | 'table'
  unit: Unit
  queries: readonly Query[]
  /** Of 24 columns; 12 unless given. */
  width?: number
}

export type Dashboard = {
  /** Also its address: `/d/porttrack-<name>`. */
  name: string
  title: string
  /** Variables besides the namespace, by the label whose values they are. */
  variables?: readonly { name: string; query: string }[]
  rows: readonly { title: string; panels: readonly Panel[] }[]
}

export const prometheusUid = 'porttrack-prometheus'

const source = { type: 'prometheus', uid: prometheusUid }
const height = 8

/** A dashboard as Grafana provisions it. */
export const grafanaDashboard = ({ name, title, variables = [], rows }: Dashboard) => ({
  uid: `porttrack-${name}`,
  title,
  tags: ['porttrack'],
  timezone: 'browser',
  schemaVersion: 41,
  version: 1,
  editable: false,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  links: [
    {
      title: 'PortTrack',
      type: 'dashboards',
      tags: ['porttrack'],
      asDropdown: true,
      keepTime: true,
      includeVars: true,
    },
  ],
  templating: {
    list: [
      variable('namespace', 'label_values(up{service=~".+"}, namespace)'),
      ...variables.map((each) => variable(each.name, each.query)),
    ],
  },
  panels: panelsOf(rows),
})

const variable = (name: string, query: string) => ({
  name,
  type: 'query',
  datasource: source,
  query: { query, refId: name },
  refresh: 2,
  sort: 1,
  includeAll: false,
  multi: false,
})

const panelsOf = (rows: Dashboard['rows']) => {
  const placed: object[] = []
  let y = 0
  let id = 0
  for (const { title, panels } of rows) {
    id += 1
    placed.push({ id, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 } })
    y += 1
    let x = 0
    for (const panel of panels) {
      const w = panel.width ?? 12
      if (x + w > 24) {
        x = 0
        y += height
      }
      id += 1
      placed.push({ ...grafanaPanel(panel), id, gridPos: { x, y, w, h: height } })
      x += w
    }
    y += height
  }
  return placed
}

const grafanaPanel = ({ title, description, kind, unit, queries }: Panel) => ({
  type: kind,
  title,
  description,
  datasource: source,
  fieldConfig: {
    defaults: {
      unit,
      ...(kind === 'timeseries' ? { min: 0, custom: { fillOpacity: 8, showPoints: 'never' } } : {}),
    },
    overrides: [],
  },
  options:
    kind === 'timeseries'
      ? {
          legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
          tooltip: { mode: 'multi', sort: 'desc' },
        }
      : {},
  targets: queries.map(({ expr, legend, exemplars }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: source,
    expr,
    legendFormat: legend,
    exemplar: exemplars ?? false,
    ...(kind === 'timeseries' ? { range: true } : { instant: true, range: false }),
    ...(kind === 'table' ? { format: 'table' } : {}),
  })),
})
