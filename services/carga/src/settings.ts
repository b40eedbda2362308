import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { Type } from 'typebox'
import { distancesPattern } from './dangerous-goods/stow-plan.ts'

/** The environment variables of carga, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of this service'),
  BARCOS_URL: Type.String({ description: 'Base URL of barcos, whose event feed is read' }),
  SEGREGATION_YARD_METRES: Type.String({
    default: '3,6,12,24',
    pattern: distancesPattern,
    description:
      'Metres between containers with dangerous goods in the yard at each level of segregation, 1 to 4; nearer than the first, what needs consulting is told',
  }),
  SEGREGATION_ABOARD_METRES: Type.String({
    default: '3,6,12,24',
    pattern: distancesPattern,
    description: 'The same aboard',
  }),
}
