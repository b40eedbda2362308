import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientId } from '@porttrack/scripts/platform/identities'
import type { Platform } from '@porttrack/scripts/platform/platform'
import { readSecrets } from '@porttrack/scripts/platform/secrets'
import { createLogger } from '@porttrack/shared/logging/logger'
import { readSettings } from '@porttrack/shared/service/env'
import { expect } from 'vitest'
import { startChatops } from '../../chatops/src/service.ts'
import { settings } from '../../chatops/src/settings.ts'
import { botEnvironment } from '../../chatops/test/environment.ts'
import { createSlack } from '../../chatops/test/slack.ts'
import { startGitHub } from '../../chatops/test/stand-ins.ts'

/**
 * The bot beside a running platform: it asks that platform's Prometheus, its user pool's token endpoint
 * and its gateway. Only Slack and GitHub are stood in for.
 */
export const startBot = async (platform: Platform, prometheusUrl: string) => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-bot-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const appKey = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  const github = await startGitHub(appKey)
  started.defer(github.close)
  const access = { rooms: ['C0PORT'], people: { U0ANA: { name: 'Ana', role: 'observer' } } }
  const client = 'carrier'
  const secrets = await readSecrets(platform.stateDirectory)
  const slack = createSlack()
  const chatops = await startChatops({
    config: readSettings(settings, {
      ...(await botEnvironment({ folder, access, github, appKey })),
      ANNOUNCE_ROOM: 'C0PORT',
      PROMETHEUS_URL: prometheusUrl,
      GATEWAY_URL: platform.gatewayUrl,
      TOKEN_URL: `http://127.0.0.1:${platform.ports.tokens}/oauth2/token`,
      CLIENT_ID: clientId(client),
      CLIENT_SECRET: secrets?.machineClients[client] ?? '',
    }),
    log: createLogger({ service: 'chatops', version: 'test', level: 'silent' }),
    slack: slack.clients,
  })
  started.defer(chatops.close)
  await chatops.connected
  const stack = started.move()
  return {
    /** What the bot answers to a line of somebody who may look. */
    answer: async (line: string): Promise<string> => {
      const before = slack.said.length
      slack.write('U0ANA', line)
      await expect.poll(() => slack.said.length, { timeout: 20_000 }).toBeGreaterThan(before)
      return slack.said[before]?.text ?? ''
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
