import { alertNames, ruleGroups } from '@porttrack/observability/alerts/rule-groups'
import { dashboards } from '@porttrack/observability/grafana/dashboards'
import { logFields } from '@porttrack/observability/logs/log-fields'
import { runbookOf } from '@porttrack/observability/prometheus/rule-files'
import { describe, expect, it } from 'vitest'
import { filesBelow, textOf } from './files.ts'

const sections = [
  'What it means',
  'What users feel',
  'First look',
  'Likely causes',
  'What to do',
  'It is over when',
]

const sources = filesBelow().filter((path) => /\/src\/.*\.ts$/.test(path))
const code = sources.map((path) => textOf(path) ?? '').join('\n')
/** Metrics that processes declare, and one of those that prom-client brings. */
const declared = new Set([
  'nodejs_eventloop_lag_p99_seconds',
  ...[...code.matchAll(/^ +name: '([a-z]+(?:_[a-z0-9]+)+)',$/gm)].map(([, name = '']) => name),
])
const panelsOf = (address: string): string[] =>
  dashboards
    .filter(({ name }) => address === `/d/porttrack-${name}`)
    .flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.map(({ title }) => title)))

describe.each(alertNames)('the alert %s', (name) => {
  it('leads to a runbook that has every part', () => {
    const text = textOf(`docs/runbooks/${name}.md`) ?? ''
    expect(text.split('\n')[0]).toBe(`# ${name}`)
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(sections)
    expect(runbookOf({ name })).toMatch(new RegExp(`/docs/runbooks/${name}\\.md$`))
  })

  it('says what it is about, and leads to a dashboard that there is', () => {
    const named = ruleGroups().flatMap(({ alerts }) => alerts.filter((each) => each.name === name))
    for (const { summary, description, dashboard } of named) {
      expect(dashboards.map(({ name }) => name)).toContain(dashboard)
      expect(summary).not.toMatch(/\.$/)
      expect(description).toMatch(/[.]$/)
    }
  })

  it('sends nobody to a dashboard, a panel, a metric or lines of a log that there are not', () => {
    const text = textOf(`docs/runbooks/${name}.md`) ?? ''
    const addresses = [...text.matchAll(/`(\/d\/[\w-]+)/g)].map(([, address = '']) => address)
    const panels = addresses.flatMap(panelsOf)
    for (const address of addresses) expect(panelsOf(address), address).not.toEqual([])
    for (const [, named = ''] of text.matchAll(/Panels? (_[^:.\n]*_)/g)) {
      for (const [, panel] of named.matchAll(/_([^_]+)_/g)) expect(panels).toContain(panel)
    }
    // What the cluster measures of containers, and PostgreSQL's own names.
    for (const [, metric = ''] of text.matchAll(/`([a-z]+(?:_[a-z0-9]+)+)(?:\{[^`]*)?`/g)) {
      if (!/^(?:container_|pg_|max_connections$)/.test(metric)) {
        expect(declared).toContain(metric.replace(/_(?:bucket|count|sum)$/, ''))
      }
    }
    for (const [, search = ''] of text.matchAll(/Kibana: `([^`]+)`/g)) {
      for (const [, field] of search.matchAll(/([\w.]+) [:<>]/g)) {
        expect(Object.keys(logFields)).toContain(field)
      }
      const message = /message : "([^"]+)"/.exec(search)?.[1] ?? ''
      expect(code).toContain(message)
    }
  })
})
