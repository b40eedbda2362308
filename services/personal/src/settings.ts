import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { isTimeZone } from '@porttrack/shared/time/local-time'
import { Type } from 'typebox'

/** The environment variables of personal, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of this service'),
  BARCOS_URL: Type.String({ description: 'Base URL of barcos, whose event feed is read' }),
  CARGA_URL: Type.String({ description: 'Base URL of carga, whose event feed is read' }),
  MOVES_PER_GANG: Type.Integer({
    default: 150,
    minimum: 1,
    maximum: 10_000,
    description:
      'Containers that a gang loads or discharges in a shift: by them carga’s forecast of moves becomes a number of gangs',
  }),
  TIME_ZONE: Type.Refine(
    Type.String({
      default: 'Etc/UTC',
      maxLength: 100,
      description:
        'IANA time zone of the port: what is night, and on which day a certificate ends, goes by its clock',
      examples: ['Europe/Madrid'],
    }),
    isTimeZone,
    () => 'names no time zone of the IANA database',
  ),
  CERTIFICATE_ALERT_DAYS: Type.String({
    default: '60,30,7,0',
    pattern: String.raw`^\d{1,3}(?:,\d{1,3}){0,9}$`,
    description:
      'Days before the last of a certificate on which an event tells of it, separated by commas; 0 is the last day itself',
  }),
  WEEKLY_HOURS: Type.Number({
    default: 40,
    minimum: 1,
    maximum: 48,
    description:
      'Hours of work that are due in a week without absence; what is worked beyond them is overtime (40 by the Workers’ Statute of Spain, article 34)',
  }),
  REST_REFERENCE_WEEKS: Type.Integer({
    default: 17,
    minimum: 1,
    maximum: 17,
    description:
      'Weeks over which working time is averaged for EU_WTD: up to four months (Directive 2003/88/EC, article 16)',
  }),
}
