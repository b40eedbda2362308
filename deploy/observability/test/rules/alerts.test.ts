import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertNames, ruleGroups } from '../../alerts/rule-groups.ts'
import { ruleFiles } from '../../prometheus/rule-files.ts'
import { expectSuccess } from '../programs.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'

let folder: string
/** The file of each group of rules, by the group's name. */
const files = new Map<string, string>()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-alerts-'))
  for (const group of ruleGroups()) {
    for (const content of Object.values(ruleFiles([group]))) {
      const file = join(folder, `${group.name}.yaml`)
      await writeFile(file, content)
      files.set(group.name, file)
    }
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The group that a case is about: of those on objectives, that of the service in the stories. */
const fileOf = (alert: string): string => {
  const group = ruleGroups().find(({ alerts }) => alerts.some(({ name }) => name === alert))
  return files.get(group?.name ?? '') ?? expect.fail(`no rules have ${alert}`)
}

/** Lets promtool tell whether alerts of a name, and with some labels, fire at some times. */
const expectFiring = async (
  { alert, labels = {} }: Pick<AlertCase, 'alert' | 'labels'>,
  { series, at }: { series: AlertCase['wrong']; at: Record<string, boolean> },
): Promise<void> => {
  const wanted = Object.entries({ alertname: alert, alertstate: 'firing', ...labels })
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: Object.entries(at).map(([time, fires]) => ({
      expr: `count(ALERTS{${wanted}}) > bool 0`,
      eval_time: time,
      exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
    })),
  }
  // A story of days is looked at more seldom, which is quicker.
  const evaluation_interval = Object.keys(at).some((time) => time.endsWith('h')) ? '10m' : '1m'
  const file = join(folder, `${crypto.randomUUID()}.yaml`)
  await writeFile(
    file,
    JSON.stringify({ rule_files: [fileOf(alert)], evaluation_interval, tests: [test] }),
  )
  await expectSuccess('promtool', 'test', 'rules', file)
}

it('are rules that Prometheus takes', () =>
  expectSuccess('promtool', 'check', 'rules', ...files.values()))

it('have a case each', () => {
  const tried = new Set([...alertCases.map(({ alert }) => alert), 'PortTrackWatchdog'])
  expect([...tried].toSorted()).toEqual(alertNames)
})

describe.each(alertCases)('$alert', (given) => {
  it(`fires when ${given.what}, and ends`, () =>
    expectFiring(given, {
      series: given.wrong,
      at: { '0m': false, [given.fires]: true, [given.over]: false },
    }))

  it(`is silent when ${given.like}`, () =>
    expectFiring(
      { alert: given.alert },
      {
        series: given.quiet,
        at: Object.fromEntries(
          (given.looks ?? ['10m', '20m', '35m', '59m']).map((time) => [time, false]),
        ),
      },
    ))
})

it('always have the watchdog', () =>
  expectFiring({ alert: 'PortTrackWatchdog' }, { series: {}, at: { '1m': true, '60m': true } }))
