import { createLogger } from '@porttrack/shared/logging/logger'
import { EnvironmentError, readSettings } from '@porttrack/shared/service/env'
import closeWithGrace from 'close-with-grace'
import { startChatops } from './service.ts'
import { settings } from './settings.ts'

try {
  const config = readSettings(settings, process.env)
  const log = createLogger({
    service: 'chatops',
    version: config.SERVICE_VERSION,
    level: config.LOG_LEVEL,
  })
  const chatops = await startChatops({ config, log })
  closeWithGrace({ delay: 10_000, logger: false }, async ({ err }) => {
    if (err) log.fatal({ err }, 'unexpected failure, stopping')
    await chatops.close()
  })
  await chatops.connected
} catch (error) {
  const text = error instanceof EnvironmentError ? error.message : String(error)
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
