import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { Type } from 'typebox'

/** The environment variables of carga, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of this service'),
  BARCOS_URL: Type.String({ description: 'Base URL of barcos, whose event feed is read' }),
}
