import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { Type } from 'typebox'
import { distancesPattern } from './dangerous-goods/stow-plan.ts'
import { gatePolicies } from './gate/gate-passage.ts'

/** The environment variables of carga, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of this service'),
  BARCOS_URL: Type.String({ description: 'Base URL of barcos, whose event feed is read' }),
  GATE_APPOINTMENTS: Type.Enum(gatePolicies, {
    type: 'string',
    default: 'REMARKED',
    description:
      'What becomes of an export that comes in by the gate without an appointment, and of a truck outside of its slot: REMARKED in the answer, or REFUSED. An import never leaves without one',
  }),
  GATE_TOLERANCE_MINUTES: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 1440,
    description: 'Minutes by which a truck may be early or late for its slot at the gate',
  }),
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
