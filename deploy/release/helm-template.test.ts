import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { canaryChecks } from './analysis.ts'
import { helmTemplate } from './helm-template.ts'

it('is what the chart has: after a change run "npx -y pnpm@12 generate"', async () => {
  const path = new URL('../helm/service/templates/_analysis.tpl', import.meta.url)
  expect(await readFile(path, 'utf8')).toBe(helmTemplate())
})

it('has every check of a canary, with a bound', () => {
  const names = [
    ...helmTemplate().matchAll(/^- name: (.+)\n  query: >-\n    .+\n  (?:min|max): /gm),
  ]
  expect(names.map(([, name]) => name)).toEqual(canaryChecks.map(({ name }) => name))
})
