import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import type { nextIdentity } from './start-barcos.ts'

export const path = '/dcsa/port-call/v2/events'

/** The system of the agent's organisation. */
export const system: Identity = {
  kind: 'machine',
  subject: 'acme-system',
  scopes: ['barcos/read', 'barcos/write'],
  org: 'acme',
}

type ShipIdentity = ReturnType<typeof nextIdentity>

/** An event about a call, as a carrier's system knows it: by ship and place. */
export const eventAbout = ({ identity }: { identity: ShipIdentity }, given: object = {}) => ({
  eventID: randomUUID(),
  eventUpdatedDateTime: '2026-11-20T10:00:00Z',
  portCall: { portCallID: randomUUID(), UNLocationCode: 'ESALG' },
  portCallService: {
    portCallServiceTypeCode: 'BERTH',
    portCallServiceEventTypeCode: 'ARRI',
    portCallPhaseTypeCode: 'INBD',
  },
  vessel: {
    vesselIMONumber: identity.vesselIMONumber,
    vesselMMSINumber: identity.MMSINumber,
  },
  timestamp: { classifierCode: 'EST', serviceDateTime: '2027-01-10T08:00:00Z' },
  ...given,
})
