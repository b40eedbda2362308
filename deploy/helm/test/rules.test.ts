import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines, find, ofKind, render, services } from './helm.ts'

const run = promisify(execFile)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-rules-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Fails with promtool’s words. */
const expectPromtool = async (...args: string[]): Promise<void> => {
  await run('promtool', args).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => {
    expect.fail(`${stdout}${stderr}`)
  })
}

const write = async (name: string, content: object): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(content))
  return path
}

type Rule = { alert: string; annotations: Record<string, string>; labels: Record<string, string> }

describe.each(services)('the rules of %s', (service) => {
  it.each(engines)('are rules, with %s', async (engine) => {
    const manifests = await render({ service, environment: 'prod', engine, canary: true })
    const { spec } = find(manifests, 'PrometheusRule', service)
    await expectPromtool('check', 'rules', await write(`${service}-${engine}.yaml`, spec as object))
    for (const { annotations, labels } of spec.groups[0].rules as Rule[]) {
      expect(labels['severity']).toMatch(/^(?:page|ticket)$/)
      expect(annotations).toMatchObject({
        summary: expect.any(String),
        description: expect.any(String),
        runbook_url: expect.stringMatching(/^https:.*\/docs\/runbooks\/[a-z-]+\.md#[a-z-]+$/),
      })
    }
  })
})

describe('an alert', () => {
  const up = 'up{job="barcos", namespace="porttrack-prod", pod="barcos-1"}'
  const restarts =
    'kube_pod_container_status_restarts_total{namespace="porttrack-prod", pod="barcos-1", container="barcos"}'
  const created = 'kube_deployment_created{namespace="porttrack-prod", deployment="barcos-canary"}'

  const cases = [
    ['none while a pod answers', { [up]: '1x60' }, '30m', []],
    ['that no pod is reached', { [up]: '0x60' }, '5m', ['PortTrackUnreachable']],
    ['that there is no pod', {}, '5m', ['PortTrackUnreachable']],
    ['none of a moment without pods', { [up]: '1x3 0x1 1x60' }, '5m', []],
    [
      'that a pod restarts again and again',
      { [up]: '1x60', [restarts]: '0x10 1x2 2x2 3x2 4x40' },
      '22m',
      ['PortTrackPodRestarting'],
    ],
    ['none of one restart', { [up]: '1x60', [restarts]: '0x10 1x50' }, '22m', []],
    [
      'that a canary was forgotten',
      { [up]: '1x300', [created]: '0x300' },
      '200m',
      ['PortTrackCanaryForgotten'],
    ],
    ['none of a canary under way', { [up]: '1x300', [created]: '0x300' }, '90m', []],
  ] as const

  it.each(cases)('tells %s', async (_what, series, time, alerts) => {
    const manifests = await render({ service: 'barcos', environment: 'prod', canary: true })
    const { spec } = ofKind(manifests, 'PrometheusRule')[0]!
    const rules = await write(`rules-${crypto.randomUUID()}.yaml`, spec as object)
    // Only which alerts fire: those of the list, and none of the others.
    const firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    const test = {
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: firing,
          eval_time: time,
          exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
        },
      ],
    }
    const file = { rule_files: [rules], evaluation_interval: '1m', tests: [test] }
    await expectPromtool('test', 'rules', await write(`test-${crypto.randomUUID()}.yaml`, file))
  })
})
