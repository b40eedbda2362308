import { inLanguage, type Text } from '@porttrack/shared/http/language'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Access, refusalOf } from './access.ts'
import type { AuditEntry, AuditLog } from './audit-log.ts'
import { type Command, commandOf, permissionFor } from './command.ts'
import type { Confirmations } from './confirmations.ts'
import type { GitHub } from './github.ts'
import type { Incidents } from './incidents.ts'
import type { metrics } from './metrics.ts'
import { type Service, services } from './platform.ts'
import type { Port } from './port.ts'
import type { Prometheus } from './prometheus.ts'
import { askForCode, lasted, texts } from './texts.ts'

type ConversationOptions = {
  /** Read for each command, so that a change of the file holds at once. */
  access: () => Access
  audit: AuditLog
  confirmations: Confirmations
  github: GitHub
  incidents: Incidents
  prometheus: Prometheus
  port: Port
  /** Where dashboards are, without a slash at its end. */
  grafanaUrl: string
  metrics: Metrics<typeof metrics>
  log: Logger
}

/** One message to the bot, and how it is answered. */
export type Asked = {
  /** Slack's id of who asks. */
  user: string
  /** Slack's id of the channel. */
  room: string
  line: string
  say: (text: string) => Promise<void>
}

/**
 * Answers commands. Everything is refused that is not allowed to this person in this room; what changes
 * something is written into the audit log before it is done, and is not done where that fails.
 */
export const createConversation = (options: ConversationOptions) => {
  const { audit, confirmations, github, incidents, prometheus, port, grafanaUrl, metrics, log } =
    options
  /** Whether several services are being deployed, one after another. */
  let underWay = false

  const answer = async (asked: Asked): Promise<void> => {
    const command = commandOf(asked.line)
    const tell = (text: Text) => asked.say(inLanguage(text, command.language))
    if (command.name === null) {
      metrics.commands.inc({ command: 'unknown', outcome: 'refused' })
      await tell(texts.unknown)
      return
    }
    const record = (decision: AuditEntry['decision'], detail: string) =>
      audit.write({ user: asked.user, room: asked.room, command: asked.line, decision, detail })
    const count = (outcome: string) => metrics.commands.inc({ command: command.name, outcome })

    const refusal = refusalOf(options.access(), asked, permissionFor(command))
    if (refusal !== null) {
      count('refused')
      // Refused all the same where no record can be kept.
      await record('refused', refusal).catch((error: unknown) =>
        log.error({ err: error }, 'audit log not written'),
      )
      await tell(texts.refused[refusal])
      return
    }
    try {
      await act({ command, asked, tell, record })
      count('done')
    } catch (error) {
      count('failed')
      log.warn({ err: error }, 'command failed')
      if (error instanceof NoRecordError) await tell(texts.noAudit)
      else {
        await record('failed', error instanceof Error ? error.message : 'failed').catch(
          () => undefined,
        )
        await tell(texts.failed)
      }
    }
  }

  type Acting = {
    command: Command
    asked: Asked
    tell: (text: Text) => Promise<void>
    record: (decision: AuditEntry['decision'], detail: string) => Promise<void>
  }

  const act = async ({ command, asked, tell, record }: Acting): Promise<void> => {
    const keep = async (decision: AuditEntry['decision'], detail: string) => {
      await record(decision, detail).catch((error: unknown) => {
        throw new NoRecordError(error)
      })
    }
    switch (command.name) {
      case 'help':
        return tell(texts.help)
      case 'alert':
        return tell(incidentText(incidents, grafanaUrl))
      case 'status':
        return tell(await statusText(prometheus, command.environment))
      case 'canary':
        return tell(await canaryText(prometheus, command.service))
      case 'ship':
        return tell(await shipText(port, command.imo))
      case 'confirm': {
        const confirmed = confirmations.take(asked, command.code)
        if (confirmed === null) {
          await keep('refused', 'code')
          return tell(texts.noCode)
        }
        return confirmed()
      }
      case 'deploy':
      case 'rollback': {
        const { environment, service } = command
        const action = command.name === 'deploy' ? 'release' : 'rollback'
        const version = command.name === 'deploy' ? command.version : ''
        const what = [action, service ?? '*', environment, version].join(' ').trim()
        const begin = async () => {
          if (service === null) {
            return deployAll({ environment, tell, keep })
          }
          const wanted =
            version !== '' || action === 'rollback'
              ? version
              : ((await prometheus.versions('staging')).get(service) ?? '')
          await keep('done', `${action} ${service} ${environment} ${wanted}`.trim())
          await tell(
            started(
              await github.dispatch({ service, action, environment, version: wanted }),
              service,
            ),
          )
        }
        if (environment !== 'prod') return begin()
        const code = confirmations.ask(asked, begin)
        await keep('confirmation', what)
        return tell(askForCode(`\`${what}\``, code))
      }
    }
  }

  type DeployAll = {
    environment: string
    tell: (text: Text) => Promise<void>
    keep: (decision: AuditEntry['decision'], detail: string) => Promise<void>
  }

  /** Each after the one before has succeeded: what callers reach first, the gateway, comes last. */
  const deployAll = async ({ environment, tell, keep }: DeployAll): Promise<void> => {
    if (underWay) return tell(texts.busy)
    underWay = true
    const behind = async (): Promise<[Service, string][]> => {
      const [wanted, present] = await Promise.all([
        prometheus.versions('staging'),
        prometheus.versions(environment),
      ])
      return services.flatMap((service): [Service, string][] => {
        const version = wanted.get(service)
        return version !== undefined && version !== present.get(service) ? [[service, version]] : []
      })
    }
    const deploy = async (list: readonly [Service, string][]) => {
      for (const [service, version] of list) {
        await keep('done', `release ${service} ${environment} ${version}`)
        const run = await github.dispatch({ service, action: 'release', environment, version })
        await tell(started(run, service))
        const conclusion = run === null ? 'unknown' : await github.conclusionOf(run)
        await tell(ended(service, conclusion))
        if (conclusion !== 'success') return
      }
    }
    try {
      const list = await behind()
      if (list.length === 0) {
        underWay = false
        return await tell(texts.nothingDiffers)
      }
      // The chat is not held up for the hours that this takes.
      void deploy(list)
        .catch(async (error: unknown) => {
          log.warn({ err: error }, 'deployment of several services ended early')
          await tell(texts.failed).catch(() => undefined)
        })
        .finally(() => {
          underWay = false
        })
    } catch (error) {
      underWay = false
      throw error
    }
  }

  return { answer }
}

/** The audit log cannot be written: nothing is done that would not be in it. */
class NoRecordError extends Error {
  constructor(cause: unknown) {
    super('the audit log cannot be written', { cause })
    this.name = 'NoRecordError'
  }
}

const started = (run: { url: string } | null, service: string): Text =>
  run === null
    ? {
        es: `*${service}*: en marcha, pero GitHub aún no muestra dónde.`,
        en: `*${service}*: started, but GitHub does not show where yet.`,
      }
    : { es: `*${service}*: en marcha, ${run.url}`, en: `*${service}*: started, ${run.url}` }

const ended = (service: string, conclusion: string): Text =>
  conclusion === 'success'
    ? { es: `*${service}*: desplegado.`, en: `*${service}*: deployed.` }
    : {
        es: `*${service}*: ha acabado en \`${conclusion}\`; no sigo con los demás.`,
        en: `*${service}*: ended as \`${conclusion}\`; I do not go on with the others.`,
      }

const incidentText = (incidents: Incidents, grafanaUrl: string): Text => {
  const last = incidents.last()
  if (!last) return texts.noIncident
  const { alert, service, namespace, summary, runbook, dashboard, startedAt, endedAt } = last
  const until = endedAt === null ? Date.now() : Date.parse(endedAt)
  const time = lasted(Math.max(0, until - Date.parse(startedAt)) / 1_000)
  const links = `${runbook}\n${grafanaUrl}${dashboard}?var-service=${encodeURIComponent(service)}&var-namespace=${encodeURIComponent(namespace)}`
  const others = incidents.open().length - (endedAt === null ? 1 : 0)
  return {
    es: `*${alert}* · ${service} · ${namespace}\n${summary}\nDesde ${startedAt}, ${endedAt === null ? `sigue (${time})` : `duró ${time}`}${others > 0 ? `; hay ${others} más` : ''}\n${links}`,
    en: `*${alert}* · ${service} · ${namespace}\n${summary}\nSince ${startedAt}, ${endedAt === null ? `goes on (${time})` : `lasted ${time}`}${others > 0 ? `; ${others} more` : ''}\n${links}`,
  }
}

const statusText = async (prometheus: Prometheus, environment: string): Promise<Text> => {
  const [versions, processes] = await Promise.all([
    prometheus.versions(environment),
    prometheus.processes(environment),
  ])
  const lines = services.map((service) => {
    const { up, all } = processes.get(service) ?? { up: 0, all: 0 }
    return `${up > 0 && up === all ? '🟢' : up > 0 ? '🟡' : '🔴'} *${service}* ${versions.get(service) ?? '?'} (${up}/${all})`
  })
  const text = `*${environment}*\n${lines.join('\n')}`
  return { es: text, en: text }
}

const canaryText = async (prometheus: Prometheus, service: string): Promise<Text> => {
  const weights = (await prometheus.canaryWeights(service)).filter(({ weight }) => weight > 0)
  if (weights.length === 0) {
    return { es: `*${service}* ${texts.noCanary.es}`, en: `*${service}* ${texts.noCanary.en}` }
  }
  const text = weights
    .map(({ environment, weight }) => `*${service}* ${environment}: ${weight} %`)
    .join('\n')
  return { es: text, en: text }
}

const shipText = async (port: Port, imo: string): Promise<Text> => {
  if (!isImo(imo)) return texts.badImo
  const ship = await port.ship(imo)
  if (ship === null) return texts.noShip
  const text = [
    `*${ship.name}* · IMO ${imo}`,
    ...ship.calls.map(({ state, port: place }) => `${place}: ${state}`),
  ].join('\n')
  return { es: text, en: text }
}

/** The last digit is the weighted sum of the others (IMO Res. A.1117(30)). */
const isImo = (text: string): boolean => {
  if (!/^\d{7}$/.test(text)) return false
  const digits = [...text].map(Number)
  const sum = digits.slice(0, 6).reduce((total, digit, index) => total + digit * (7 - index), 0)
  return sum % 10 === digits[6]
}

export type Conversation = ReturnType<typeof createConversation>
