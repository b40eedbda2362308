import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Every port that the platform listens on, with the number used unless another is chosen. */
export const defaultPorts = {
  gateway: 8080,
  'gateway-management': 9080,
  barcos: 8101,
  'barcos-management': 9101,
  carga: 8102,
  'carga-management': 9102,
  rutas: 8103,
  'rutas-management': 9103,
  personal: 8104,
  'personal-management': 9104,
  postgres: 8132,
  cognito: 9230,
  tokens: 9231,
} as const

export type PortName = keyof typeof defaultPorts

/** A TCP port, 1–65535, for each listener. */
export type Ports = Readonly<Record<PortName, number>>

export const portNames = Object.keys(defaultPorts) as PortName[]

export function isPortName(name: string): name is PortName {
  return Object.hasOwn(defaultPorts, name)
}

/** The ports among these that something on this machine holds already. */
export async function takenPorts(ports: Ports): Promise<PortName[]> {
  const probed = await Promise.all(
    portNames.map(async (name) => ({ name, free: await isFree(ports[name]) })),
  )
  return probed.filter(({ free }) => !free).map(({ name }) => name)
}

/** Two listeners given the same number: the names of the later ones. */
export function repeatedPorts(ports: Ports): PortName[] {
  const seen = new Set<number>()
  return portNames.filter((name) => {
    if (seen.has(ports[name])) return true
    seen.add(ports[name])
    return false
  })
}

/**
 * Free ports for a platform that runs beside others.
 *
 * They lie below the range from which systems take the local ends of outgoing connections
 * (32768 and up on Linux): a service that is killed and started again must find its port free,
 * however many connections were opened meanwhile.
 */
export async function ephemeralPorts(): Promise<Ports> {
  const chosen = new Set<number>()
  while (chosen.size < portNames.length) {
    const candidate = randomInt(15_000, 32_000)
    if (!chosen.has(candidate) && (await isFree(candidate))) chosen.add(candidate)
  }
  const numbers = [...chosen]
  return Object.fromEntries(portNames.map((name, index) => [name, numbers[index]])) as Ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}
