import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ruleGroups } from '@porttrack/observability/alerts/rule-groups'
import { prometheusGroup, yaml } from '@porttrack/observability/prometheus/rule-files'
import {
  type PrometheusServer,
  startPrometheus,
} from '@porttrack/release/test/measured/prometheus-server'
import { applicationNames, type Platform } from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'

/** An hour of the rules passes in a minute. */
const pace = 60

/** A real Prometheus with all rules, which scrapes every process of the platform. */
export const startScraping = async (platform: Platform): Promise<PrometheusServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-scraping-'))
  const rules = join(folder, 'rules.yaml')
  const groups = ruleGroups(pace).map((group) => prometheusGroup(group, pace))
  await writeFile(rules, yaml({ groups }))
  const { gateway: port } = await ephemeralPorts()
  const server = await startPrometheus(join(folder, 'prometheus'), port, {
    settings: {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
    },
  })
  await server.scrape(
    applicationNames.map((service) => ({
      address: new URL(platform.managementUrl(service)).host,
      labels: { namespace: 'porttrack-staging', service, track: 'stable' },
    })),
  )
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
