import type { KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

type Given = {
  /** Where its access file and its data lie. */
  folder: string
  /** What is in the access file. */
  access: object
  github: { url: string }
  appKey: KeyObject
}

/** The bot's environment but for the platform that it asks, with its access file written. */
export const botEnvironment = async ({ folder, access, github, appKey }: Given) => {
  await writeFile(join(folder, 'access.yaml'), JSON.stringify(access))
  return {
    PORT: '0',
    MANAGEMENT_PORT: '0',
    ACCESS_FILE: join(folder, 'access.yaml'),
    DATA_DIR: join(folder, 'data'),
    SLACK_APP_TOKEN: 'xapp-test',
    SLACK_BOT_TOKEN: 'xoxb-test',
    GITHUB_URL: github.url,
    GITHUB_REPOSITORY: 'porttrack/porttrack',
    GITHUB_APP_ID: '12',
    GITHUB_INSTALLATION_ID: '34',
    GITHUB_PRIVATE_KEY: appKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ALERTMANAGER_TOKEN: 'alertmanager token',
    GRAFANA_WEBHOOK_SECRET: 'grafana secret',
    GITHUB_WEBHOOK_SECRET: 'github secret',
    GRAFANA_URL: 'https://grafana.example',
  }
}
