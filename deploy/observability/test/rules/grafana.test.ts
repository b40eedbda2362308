import { describe, expect, it } from 'vitest'
import { ruleGroups } from '../../alerts/rule-groups.ts'
import { contactPoints, grafanaRules, policies, withoutRules } from '../../grafana/alerting.ts'
import { dashboards } from '../../grafana/dashboards.ts'
import { dataSources } from '../../grafana/data-sources.ts'
import { grafanaDashboard } from '../../grafana/panel.ts'

const groups = ruleGroups()
const rules = grafanaRules(groups).groups.flatMap((group) => group.rules)
const alerts = groups.flatMap((group) => group.alerts)

describe('Grafana’s own rules', () => {
  it('are the alerts of Prometheus, each once', () => {
    expect(rules.map(({ labels }) => labels['alertname']).toSorted()).toEqual(
      alerts.map(({ name }) => name).toSorted(),
    )
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length)
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length)
  })

  it('ask the same, with no name that the environment would be asked for', () => {
    for (const [index, rule] of rules.entries()) {
      const [query] = rule.data
      expect(query?.model).toMatchObject({ expr: alerts[index]?.expr.replaceAll('$', '$$$$') })
      // Grafana replaces a single "$" and what follows it.
      expect(JSON.stringify(rule).replaceAll('$$', '')).not.toContain('$')
    }
  })

  it('are taken away, all of them, where Alertmanager notifies', () => {
    expect(
      withoutRules(groups)
        .deleteRules.map(({ uid }) => uid)
        .toSorted(),
    ).toEqual(rules.map(({ uid }) => uid).toSorted())
  })
})

describe('Grafana’s policies', () => {
  it('lead to contact points that there are, by every severity', () => {
    const points = contactPoints.contactPoints.map(({ name }) => name)
    const [policy] = policies.policies
    expect(points).toContain(policy?.receiver)
    for (const { receiver } of policy?.routes ?? []) expect(points).toContain(receiver)
  })
})

describe.each(dashboards)('the dashboard $title', (dashboard) => {
  const made = grafanaDashboard(dashboard)

  it('asks a data source that there is', () => {
    const sources = dataSources.datasources.map(({ uid }) => uid)
    const asked = [...JSON.stringify(made).matchAll(/"uid":"(porttrack-prometheus|[\w-]+)","/g)]
    expect(asked.length).toBeGreaterThan(0)
    for (const panel of made.panels) {
      if (!('datasource' in panel)) continue
      expect(sources).toContain((panel.datasource as { uid: string }).uid)
    }
  })

  it('lays no panel upon another', () => {
    const places = made.panels.map((panel) => (panel as { gridPos: Place }).gridPos)
    for (const [index, one] of places.entries()) {
      expect(one.x + one.w).toBeLessThanOrEqual(24)
      expect(places.slice(index + 1).filter((other) => overlap(one, other))).toEqual([])
    }
  })
})

type Place = { x: number; y: number; w: number; h: number }

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
