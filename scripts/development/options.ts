import { parseArgs } from 'node:util'
import { defaultPorts, isPortName, portNames } from '../platform/ports.ts'
import type { PortName, Ports } from '../platform/ports.ts'

export interface DevelopmentOptions {
  readonly fresh: boolean
  readonly traffic: boolean
  readonly tls: boolean
  readonly help: boolean
  readonly ports: Ports
}

/** What was typed cannot be meant: the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `usage: npx -y pnpm@12 dev [options]

Starts PortTrack on this machine: PostgreSQL, a stand-in for Cognito, the four services, the
gateway and sample ship traffic. Data is kept in .porttrack; Ctrl-C stops everything.

  --fresh            delete the data of earlier starts first
  --no-traffic       play no sample traffic
  --tls              gateway and services show each other certificates, made at the start
  --port <n>         port of the gateway (${defaultPorts.gateway})
  --ports <name=n>   other ports, separated by commas: --ports postgres=5433,cognito=9400
  --offset <n>       add n to every port that is not given
  --help             show this

ports: ${portNames.map((name) => `${name} ${defaultPorts[name]}`).join(', ')}
`

/** @throws UsageError */
export function parseOptions(commandLine: readonly string[]): DevelopmentOptions {
  const { values } = parse(commandLine)
  return {
    fresh: values.fresh === true,
    traffic: values['no-traffic'] !== true,
    tls: values.tls === true,
    help: values.help === true,
    ports: choosePorts(values),
  }
}

interface PortValues {
  readonly port?: string | undefined
  readonly ports?: string[] | undefined
  readonly offset?: string | undefined
}

function parse(commandLine: readonly string[]) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: {
        fresh: { type: 'boolean' },
        'no-traffic': { type: 'boolean' },
        tls: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        ports: { type: 'string', multiple: true },
        offset: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function choosePorts(values: PortValues): Ports {
  const offset = values.offset === undefined ? 0 : wholeNumber('--offset', values.offset)
  const given = new Map<PortName, number>()
  for (const choice of (values.ports ?? []).flatMap((list) => list.split(','))) {
    const [name = '', number = ''] = choice.split('=')
    if (!isPortName(name)) {
      throw new UsageError(`--ports: there is no port "${name}", only ${portNames.join(', ')}`)
    }
    given.set(name, wholeNumber(`--ports ${name}`, number))
  }
  if (values.port !== undefined) given.set('gateway', wholeNumber('--port', values.port))
  const entries = portNames.map((name) => {
    const port = given.get(name) ?? defaultPorts[name] + offset
    if (port < 1 || port > 65_535) {
      throw new UsageError(`${name}: ${port} is not a port (1 to 65535)`)
    }
    return [name, port] as const
  })
  return Object.fromEntries(entries) as Ports
}

function wholeNumber(option: string, text: string): number {
  if (!/^-?\d{1,6}$/.test(text)) throw new UsageError(`${option}: "${text}" is not a whole number`)
  return Number(text)
}
