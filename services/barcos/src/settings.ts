import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { Type } from 'typebox'
import { clearancesSetting } from './clearances/clearance.ts'
import { timeZonesSetting } from './places/time-zone.ts'
import { marginSettings } from './reservations/margins.ts'

/** The environment variables of barcos, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of barcos'),
  RUTAS_URL: Type.String({ description: 'Base URL of rutas, whose event feed is read' }),
  CARGA_URL: Type.String({ description: 'Base URL of carga, whose event feed is read' }),
  PERSONAL_URL: Type.String({ description: 'Base URL of personal, whose event feed is read' }),
  PORT_TIME_ZONES: timeZonesSetting,
  ON_TIME_TOLERANCE_SECONDS: Type.Integer({
    default: 3_600,
    minimum: 0,
    maximum: 604_800,
    description:
      'How far from its planned or declared time a ship may arrive at its berth and still be on time',
  }),
  REQUIRED_CLEARANCES: clearancesSetting,
  CERTIFICATE_NOTICE_DAYS: Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 366,
    description: 'Days before its last in which a vessel’s certificate counts as expiring',
  }),
  AIS_MOVES_STATE: Type.Boolean({
    default: false,
    description:
      'Whether what AIS sees moves the state of port calls: arrival, berthing and departure, where their conditions allow',
  }),
  ...marginSettings,
}
