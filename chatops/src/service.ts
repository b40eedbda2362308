import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '@porttrack/shared/service/env'
import type { Logger } from '@porttrack/shared/logging/logger'
import { createMetrics } from '@porttrack/shared/metrics/define-metrics'
import { createRegistry } from '@porttrack/shared/metrics/registry'
import { managementApp } from '@porttrack/shared/service/health'
import { WatchedFile } from '@porttrack/shared/service/watched-file'
import { readAccess } from './access.ts'
import { openAuditLog } from './audit-log.ts'
import { createBot, type SlackClients } from './bot.ts'
import { createConfirmations } from './confirmations.ts'
import { createConversation } from './conversation.ts'
import { openGitHub } from './github.ts'
import { openIncidents } from './incidents.ts'
import { metrics } from './metrics.ts'
import { openPort } from './port.ts'
import { openPrometheus } from './prometheus.ts'
import type { settings } from './settings.ts'
import { watchAlerting } from './watchdog.ts'
import { webhookServer } from './webhooks/server.ts'

type ChatopsOptions = {
  config: Environment<typeof settings>
  log: Logger
  /** Other clients of Slack than the real ones. */
  slack?: SlackClients
  /** Milliseconds between two looks at a run of GitHub. */
  interval?: number
}

/**
 * Puts the bot together and starts it. Webhooks are taken at once: what happens while Slack is away is
 * known when it is back. `connected` waits for Slack, and is rejected when Slack does not take the bot.
 */
export const startChatops = async ({ config, log, slack, interval }: ChatopsOptions) => {
  await mkdir(config.DATA_DIR, { recursive: true, mode: 0o700 })
  const registry = createRegistry()
  const measured = createMetrics(metrics, registry)
  const access = new WatchedFile(config.ACCESS_FILE, {
    parse: readAccess,
    onFault: (error) =>
      log.error({ err: error }, 'access file not usable, the one before stays in use'),
  })
  const audit = await openAuditLog(join(config.DATA_DIR, 'audit.jsonl'))
  const incidents = await openIncidents(join(config.DATA_DIR, 'incidents.json'))
  const conversation = createConversation({
    access: () => access.current(),
    audit,
    confirmations: createConfirmations(),
    github: openGitHub({
      url: config.GITHUB_URL,
      repository: config.GITHUB_REPOSITORY,
      appId: config.GITHUB_APP_ID,
      installationId: config.GITHUB_INSTALLATION_ID,
      privateKey: config.GITHUB_PRIVATE_KEY,
      ...(interval === undefined ? {} : { interval }),
    }),
    incidents,
    prometheus: openPrometheus(config.PROMETHEUS_URL, config.NAMESPACE_PREFIX),
    port: openPort({
      url: config.GATEWAY_URL,
      tokenUrl: config.TOKEN_URL,
      clientId: config.CLIENT_ID,
      clientSecret: config.CLIENT_SECRET,
    }),
    grafanaUrl: config.GRAFANA_URL,
    metrics: measured,
    log,
  })
  const bot = createBot({
    tokens: { app: config.SLACK_APP_TOKEN.current(), bot: config.SLACK_BOT_TOKEN.current() },
    ...(slack ? { clients: slack } : {}),
    conversation,
    log,
  })
  const announce = (text: string) => bot.say(config.ANNOUNCE_ROOM, text)
  const watchdog = watchAlerting({
    patienceSeconds: config.WATCHDOG_SECONDS,
    announce: ({ es }) => announce(es),
    onAge: (seconds) => measured.watchdogAge.set(seconds),
  })
  const webhooks = webhookServer({
    secrets: {
      alertmanager: config.ALERTMANAGER_TOKEN,
      grafana: config.GRAFANA_WEBHOOK_SECRET,
      github: config.GITHUB_WEBHOOK_SECRET,
    },
    incidents,
    onWatchdog: watchdog.heard,
    announce,
    metrics: measured,
    log,
  })
  const management = managementApp(log, {
    metrics: () => registry.metrics(),
    contentType: registry.contentType,
    readiness: {
      draining: () => false,
      check: async () => void (await readFile(config.ACCESS_FILE)),
    },
  })
  await management.listen({ host: config.HOST, port: config.MANAGEMENT_PORT })
  await webhooks.listen({ host: config.HOST, port: config.PORT })
  const connected = bot.connect()
  return {
    connected,
    webhooks,
    management,
    close: async (): Promise<void> => {
      watchdog.close()
      await webhooks.close()
      await management.close()
      bot.close()
      await audit[Symbol.asyncDispose]()
    },
  }
}
