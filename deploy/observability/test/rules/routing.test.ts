import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { alertmanagerConfig } from '../../alertmanager/alertmanager.ts'
import { ruleGroups } from '../../alerts/rule-groups.ts'
import { yaml } from '../../prometheus/rule-files.ts'
import { expectSuccess } from '../programs.ts'

let folder: string
let config: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-routing-'))
  config = join(folder, 'alertmanager.yaml')
  await writeFile(config, yaml(alertmanagerConfig()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('is a configuration that Alertmanager takes', () =>
  expectSuccess('amtool', 'check-config', config))

const alerts = ruleGroups().flatMap(({ alerts }) => alerts)
const bySeverity = { page: 'page', ticket: 'ticket', none: 'watchdog' } as const

it.each([
  ...new Map(
    alerts.map(({ name, severity }) => [`${name} ${severity}`, { name, severity }]),
  ).values(),
])('sends $name to who is meant by $severity', async ({ name, severity }) => {
  const labels = [`alertname=${name}`, `severity=${severity}`, 'service=barcos', 'namespace=p']
  const said = await expectSuccess(
    'amtool',
    'config',
    'routes',
    'test',
    `--config.file=${config}`,
    ...labels,
  )
  expect(said.trim()).toBe(bySeverity[severity])
})

it('loses nothing whose severity nobody has foreseen', async () => {
  const said = await expectSuccess(
    'amtool',
    'config',
    'routes',
    'test',
    `--config.file=${config}`,
    'alertname=Other',
  )
  expect(said.trim()).toBe('ticket')
})
