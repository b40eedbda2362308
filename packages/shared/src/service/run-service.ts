import closeWithGrace from 'close-with-grace'
import type { TProperties } from 'typebox'
import { databaseUrlSetting } from '../database/connection-url.ts'
import { migrate } from '../database/migrate.ts'
import { createLogger, type Logger } from '../logging/logger.ts'
import type { MetricTable } from '../metrics/define-metrics.ts'
import { registerTracing } from '../tracing/register.ts'
import { buildService } from './build-service.ts'
import type { ServiceDefinition } from './define-service.ts'
import { EnvironmentError, type KitConfig, kitEnv, readEnvironment, readSettings } from './env.ts'

/** Milliseconds from the end of the draining to the end, whatever is still in flight. */
const shutdownLimit = 20_000

/**
 * Runs a service as a process: reads the environment once, listens, and ends in good order on
 * SIGTERM or SIGINT. `main.js migrate` brings the database up to date instead and exits.
 *
 * Exits with 1 when the environment is not usable or the start fails, naming each fault.
 */
export const runService = async <
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
  Tx,
>(
  definition: ServiceDefinition<Env, M, Opened, Tx>,
): Promise<void> => {
  if (process.argv[2] === 'migrate') return runMigrations(definition.name, definition.migrations)

  let log: Logger | undefined
  const onFault = (error: unknown) =>
    log?.error({ err: error }, 'secret not usable, the one before stays in use')
  const settings = orExit(() => readEnvironment(definition.env, process.env, { onFault }))
  const config: KitConfig = settings
  const version = config.SERVICE_VERSION
  log = createLogger({ service: definition.name, version, level: config.LOG_LEVEL })
  const stopTracing = registerTracing({
    service: definition.name,
    version,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
    ...(config.OTEL_EXPORTER_OTLP_ENDPOINT ? { endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT } : {}),
  })
  try {
    const service = await buildService(definition, { config: settings, log })
    const drainMs = config.DRAIN_SECONDS * 1_000
    const delay = drainMs + shutdownLimit
    closeWithGrace({ delay, logger: false }, async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'unexpected failure, stopping')
      else log.info({ 'process.signal': signal }, 'stopping')
      service.drain()
      if (!err) await new Promise((resolve) => setTimeout(resolve, drainMs))
      await service.close()
      await stopTracing()
    })
    await service.start()
  } catch (error) {
    log.fatal({ err: error }, 'the service did not start')
    process.exit(1)
  }
}

const runMigrations = async (name: string, migrations: URL | undefined): Promise<void> => {
  if (!migrations) {
    process.stderr.write(`${name} has no database\n`)
    return process.exit(1)
  }
  const { SERVICE_VERSION: version, DATABASE_URL: url } = orExit(() =>
    readSettings(
      { SERVICE_VERSION: kitEnv.SERVICE_VERSION, DATABASE_URL: databaseUrlSetting('') },
      process.env,
    ),
  )
  const log = createLogger({ service: name, version, level: 'info' })
  try {
    log.info(
      { 'labels.migrations': await migrate(url.current(), migrations) },
      'database is up to date',
    )
    // The engine leaves the timer of its own lock running, which would hold the process for 10 s.
    process.exit(0)
  } catch (error) {
    log.fatal({ err: error }, 'the database could not be brought up to date')
    process.exit(1)
  }
}

const orExit = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(1)
  }
}
