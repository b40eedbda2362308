import type { Secret } from '@porttrack/shared/service/secret'
import { type Logger, ownRequestLog } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Incidents } from '../incidents.ts'
import type { metrics } from '../metrics.ts'
import { isSame, signatureOf } from './signature.ts'
import { incidentOf, isWatchdog, ToldAlerts } from './told-alerts.ts'

type ServerOptions = {
  secrets: { alertmanager: Secret; grafana: Secret; github: Secret }
  incidents: Incidents
  /** Alerting works. */
  onWatchdog: () => void
  /** Something that people should read. */
  announce: (text: string) => Promise<void>
  metrics: Metrics<typeof metrics>
  log: Logger
}

/** Largest body in bytes: 50 alerts with all they say. */
const bodyLimit = 262_144

/** A signed body that is older is not taken, in seconds. */
const oldest = 300

/** So many of GitHub's deliveries are known, so that none is told twice. */
const remembered = 1_000

const text = Type.String({ maxLength: 1_024 })

const WorkflowRun = Type.Object({
  action: text,
  workflow_run: Type.Object({
    name: text,
    conclusion: Type.Union([text, Type.Null()]),
    head_branch: Type.Union([text, Type.Null()]),
    html_url: text,
  }),
})

const Push = Type.Object({
  ref: text,
  compare: text,
  commits: Type.Array(
    Type.Object({
      added: Type.Array(Type.String()),
      removed: Type.Array(Type.String()),
      modified: Type.Array(Type.String()),
    }),
    { maxItems: 2_048 },
  ),
})

type Source = 'alertmanager' | 'grafana' | 'github'

/**
 * Takes what Alertmanager, Grafana and GitHub tell. Each proves who it is over the very bytes that it
 * sends; what is not signed, too old, too large or not understood is refused and counted.
 */
export const webhookServer = (options: ServerOptions): FastifyInstance => {
  const { secrets, incidents, onWatchdog, announce, metrics, log } = options
  const logger: FastifyBaseLogger = log
  const app = Fastify({
    loggerInstance: logger,
    logController: ownRequestLog(),
    bodyLimit,
    requestTimeout: 10_000,
  })
  app.removeAllContentTypeParsers()
  // The bytes as they are: they are what is signed.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ err: error }, 'webhook failed')
    metrics.webhooks.inc({
      source: sourceOf(request),
      outcome: status >= 500 ? 'failed' : 'refused',
    })
    return reply.code(status).send({ status })
  })

  const deliveries = new Set<string>()

  const take = (
    source: Source,
    /** Whether the bytes are from whom they say. */
    isFrom: (request: FastifyRequest, body: Buffer) => boolean,
    /** Whether what they say is understood. */
    handle: (body: unknown, request: FastifyRequest) => Promise<boolean>,
  ): void => {
    app.post(`/webhooks/${source}`, async (request, reply) => {
      const refuse = (status: number) => {
        metrics.webhooks.inc({ source, outcome: 'refused' })
        return reply.code(status).send({ status })
      }
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (!isFrom(request, body)) return refuse(401)
      const parsed = parse(body)
      if (parsed === undefined || !(await handle(parsed, request))) return refuse(400)
      metrics.webhooks.inc({ source, outcome: 'taken' })
      return reply.code(204).send()
    })
  }

  const takeAlerts = async (body: unknown): Promise<boolean> => {
    if (!Value.Check(ToldAlerts, body)) return false
    if (body.alerts.some(isWatchdog)) onWatchdog()
    const told = body.alerts.filter((alert) => !isWatchdog(alert))
    if (told.length > 0) await incidents.record(told.map(incidentOf))
    return true
  }

  take(
    'alertmanager',
    ({ headers }) =>
      isSame(headers.authorization ?? '', `Bearer ${secrets.alertmanager.current()}`),
    takeAlerts,
  )
  take(
    'grafana',
    ({ headers }, body) => {
      const timestamp = String(headers['x-grafana-alerting-timestamp'] ?? '')
      const age = Math.abs(Date.now() / 1_000 - Number(timestamp))
      const expected = signatureOf(secrets.grafana.current(), `${timestamp}:`, body)
      const given = String(headers['x-grafana-alerting-signature'] ?? '')
      return isSame(given, expected) && age <= oldest
    },
    takeAlerts,
  )
  take(
    'github',
    ({ headers }, body) =>
      isSame(
        String(headers['x-hub-signature-256'] ?? ''),
        `sha256=${signatureOf(secrets.github.current(), body)}`,
      ),
    async (body, { headers }) => {
      const delivery = String(headers['x-github-delivery'] ?? '')
      if (delivery === '' || deliveries.has(delivery)) return delivery !== ''
      const news = newsOf(String(headers['x-github-event'] ?? ''), body)
      if (news === null) return false
      if (news !== '') await announce(news)
      deliveries.add(delivery)
      if (deliveries.size > remembered) deliveries.delete([...deliveries][0] ?? '')
      return true
    },
  )
  return app
}

/** What people should read of an event; empty for nothing, null for what is not understood. */
const newsOf = (event: string, body: unknown): string | null => {
  if (event === 'ping') return ''
  if (event === 'workflow_run') {
    if (!Value.Check(WorkflowRun, body)) return null
    const { name, conclusion, head_branch: branch, html_url: url } = body.workflow_run
    return body.action === 'completed' && branch === 'main' && conclusion === 'failure'
      ? `🔴 *${name}* ha fallado en main: ${url}`
      : ''
  }
  if (event === 'push') {
    if (!Value.Check(Push, body)) return null
    const files = body.commits.flatMap(({ added, removed, modified }) => [
      ...added,
      ...removed,
      ...modified,
    ])
    const deployed = files.filter((file) => file.startsWith('deploy/'))
    return body.ref === 'refs/heads/main' && deployed.length > 0
      ? `🛠️ Cambia la infraestructura (${deployed.length} archivos): ${body.compare}`
      : ''
  }
  return null
}

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const sourceOf = ({ url }: FastifyRequest): string =>
  /^\/webhooks\/(alertmanager|grafana|github)$/.exec(url)?.[1] ?? 'unknown'
