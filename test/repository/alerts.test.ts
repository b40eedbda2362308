import { alertNames, ruleGroups } from '@porttrack/observability/alerts/rule-groups'
import { dashboards } from '@porttrack/observability/grafana/dashboards'
import { runbookOf } from '@porttrack/observability/prometheus/rule-files'
import { describe, expect, it } from 'vitest'
import { textOf } from './files.ts'

const sections = [
  'What it means',
  'What users feel',
  'First look',
  'Likely causes',
  'What to do',
  'It is over when',
]

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
})
