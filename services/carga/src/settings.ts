import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'

/** The environment variables of carga, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of this service'),
}
