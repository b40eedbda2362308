import type { Language } from '@porttrack/shared/http/language'
import type { Permission } from './access.ts'
import { type Environment, environments, type Service, services } from './platform.ts'

/** What someone asks for, once it is understood. */
export type Command = { language: Language } & (
  | { name: 'deploy'; environment: Environment; service: Service | null; version: string }
  | { name: 'rollback'; environment: Environment; service: Service }
  | { name: 'confirm'; code: string }
  | { name: 'status'; environment: Environment }
  | { name: 'canary'; service: Service }
  | { name: 'alert' }
  | { name: 'ship'; imo: string }
  | { name: 'help' }
)

/** Each command by the words that it is called by, the first of them Spanish. */
const words = {
  despliegue: ['deploy', 'es'],
  deploy: ['deploy', 'en'],
  revertir: ['rollback', 'es'],
  rollback: ['rollback', 'en'],
  confirmar: ['confirm', 'es'],
  confirm: ['confirm', 'en'],
  estado: ['status', 'es'],
  status: ['status', 'en'],
  canary: ['canary', 'es'],
  alerta: ['alert', 'es'],
  alert: ['alert', 'en'],
  barco: ['ship', 'es'],
  ship: ['ship', 'en'],
  ayuda: ['help', 'es'],
  help: ['help', 'en'],
} as const satisfies Record<string, readonly [Command['name'], Language]>

/** `1.1.0` or `1.1.0-canary.3`, with or without its v. */
const version = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-canary\.\d{1,4})?)$/

/** What a line asks for; the language alone where that is not understood. */
export const commandOf = (line: string): Command | { name: null; language: Language } => {
  const [word = '', ...given] = line.trim().toLowerCase().split(/\s+/, 6)
  if (!Object.hasOwn(words, word)) return { name: null, language: 'es' }
  const [name, language] = words[word as keyof typeof words]
  const unknown = { name: null, language } as const
  const [first, second, third, ...more] = given
  if (more.length > 0) return unknown
  switch (name) {
    case 'deploy': {
      const environment = environmentOf(first)
      if (environment === null) return unknown
      if (second === undefined) return { name, language, environment, service: null, version: '' }
      const service = serviceOf(second)
      const wanted = third === undefined ? '' : version.exec(third)?.[1]
      if (service === null || wanted === undefined) return unknown
      return { name, language, environment, service, version: wanted }
    }
    case 'rollback': {
      const [service, environment] = [serviceOf(first), environmentOf(second)]
      if (service === null || environment === null || third !== undefined) return unknown
      return { name, language, environment, service }
    }
    case 'confirm':
      return first !== undefined && /^\d{6}$/.test(first) && second === undefined
        ? { name, language, code: first }
        : unknown
    case 'status': {
      const environment = first === undefined ? 'prod' : environmentOf(first)
      return environment === null || second !== undefined
        ? unknown
        : { name, language, environment }
    }
    case 'canary': {
      const service = serviceOf(first)
      return service === null || second !== undefined ? unknown : { name, language, service }
    }
    case 'ship':
      return first !== undefined && second === undefined
        ? { name, language, imo: first.replace(/^imo/, '') }
        : unknown
    case 'alert':
    case 'help':
      return first === undefined ? { name, language } : unknown
  }
}

/** What a command takes a right for. */
export const permissionFor = (command: Command): Permission =>
  command.name === 'deploy' || command.name === 'rollback'
    ? `deploy:${command.environment}`
    : 'look'

const environmentOf = (word: string | undefined): Environment | null =>
  environments.find((each) => each === word) ?? null

const serviceOf = (word: string | undefined): Service | null =>
  services.find((each) => each === word) ?? null
