import { kitEnv } from '@porttrack/shared/service/env'
import { secretSetting } from '@porttrack/shared/service/secret'
import { Type } from 'typebox'
import { createPrivateKey } from 'node:crypto'

const { HOST, PORT, MANAGEMENT_PORT, LOG_LEVEL, SERVICE_VERSION, SECRETS_DIR } = kitEnv

/** The environment of the bot. */
export const settings = {
  HOST,
  PORT,
  MANAGEMENT_PORT,
  LOG_LEVEL,
  SERVICE_VERSION,
  SECRETS_DIR,
  ACCESS_FILE: Type.String({
    description: 'File of rooms and people, by their ids in Slack; read again when it changes',
  }),
  DATA_DIR: Type.String({ description: 'Folder for the audit log and what is known of incidents' }),
  SLACK_APP_TOKEN: secretSetting({ description: 'Token of the app for its socket, `xapp-…`' }),
  SLACK_BOT_TOKEN: secretSetting({ description: 'Token of the bot, `xoxb-…`' }),
  ANNOUNCE_ROOM: Type.String({
    pattern: '^[CG][A-Z0-9]{2,20}$',
    description: 'Id of the channel where it speaks unasked',
  }),
  GITHUB_URL: Type.String({ default: 'https://api.github.com', description: 'GitHub’s API' }),
  GITHUB_REPOSITORY: Type.String({
    pattern: '^[\\w.-]+/[\\w.-]+$',
    description: 'Repository whose workflows are started, `owner/name`',
  }),
  GITHUB_APP_ID: Type.String({ pattern: '^\\d+$', description: 'Id of the GitHub App' }),
  GITHUB_INSTALLATION_ID: Type.String({
    pattern: '^\\d+$',
    description: 'Id of its installation in the repository',
  }),
  GITHUB_PRIVATE_KEY: secretSetting({
    check: (text) => void createPrivateKey(text),
    description: 'Private key of the GitHub App, in PEM',
  }),
  ALERTMANAGER_TOKEN: secretSetting({ description: 'What Alertmanager shows: a bearer token' }),
  GRAFANA_WEBHOOK_SECRET: secretSetting({ description: 'With what Grafana signs' }),
  GITHUB_WEBHOOK_SECRET: secretSetting({ description: 'With what GitHub signs' }),
  PROMETHEUS_URL: Type.String({ description: 'Prometheus, asked for versions and processes' }),
  NAMESPACE_PREFIX: Type.String({
    default: 'porttrack',
    description: 'Before the environment in the name of a namespace, `porttrack-prod`',
  }),
  GRAFANA_URL: Type.String({ description: 'Where people open dashboards, no slash at its end' }),
  GATEWAY_URL: Type.String({ description: 'PortTrack’s gateway' }),
  TOKEN_URL: Type.String({ description: 'Token endpoint of the user pool' }),
  CLIENT_ID: Type.String({ description: 'Machine client with the scope barcos/read' }),
  CLIENT_SECRET: secretSetting({ description: 'Its secret' }),
  WATCHDOG_SECONDS: Type.Integer({
    default: 300,
    minimum: 1,
    description: 'How long alerting may be silent before that is told',
  }),
}
