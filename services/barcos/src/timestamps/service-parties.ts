import type { Caller } from '@porttrack/shared/auth/caller'
import { listed } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import type { Classifier, ServiceType } from './port-call-matrix.ts'

/** The sides of a port call between which services are agreed. */
export const parties = ['SHIP', 'TERMINAL', 'PORT', 'SERVICE_PROVIDER'] as const
export type Party = (typeof parties)[number]

/** Who provides a service, and who consumes it; the first of each speaks when nobody is named. */
type Sides = { providers: readonly Party[]; consumers: readonly Party[] }

const sides = (providers: readonly Party[], consumers: readonly Party[]): Sides => ({
  providers,
  consumers,
})
const byShip = sides(['SHIP'], ['PORT', 'TERMINAL'])
const byTerminal = sides(['TERMINAL'], ['SHIP'])
const byProvider = sides(['SERVICE_PROVIDER'], ['SHIP'])

/**
 * Both sides of each service. DCSA Just in Time 2.0 leaves them to the parties, apart from two things:
 * who provides a service sends its EST, PLN and ACT, and who consumes it sends REQ. The ship provides
 * its own movements (it estimates when it arrives, the port or the terminal asks for another time);
 * the terminal provides the work at the berth; pilots, tugs and the like provide what is ordered of
 * them. What only has actual times may be told by whoever does it or takes part in it.
 */
export const serviceSides: Readonly<Record<ServiceType, Sides>> = {
  BERTH: byShip,
  PILOT_BOARDING_PLACE: sides(['SHIP'], ['PORT', 'SERVICE_PROVIDER']),
  ANCHORAGE: sides(['SHIP'], ['PORT']),
  CARGO_OPERATIONS: byTerminal,
  PILOTAGE: byProvider,
  TOWAGE: byProvider,
  MOORING: byProvider,
  BUNKERING: byProvider,
  SLUDGE: byProvider,
  SEA_PASSAGE: sides(['SHIP', 'PORT'], []),
  ALL_FAST: sides(['SHIP', 'SERVICE_PROVIDER', 'TERMINAL'], []),
  GANGWAY_DOWN_AND_SECURE: sides(['SHIP', 'TERMINAL'], []),
  VESSEL_READY_FOR_CARGO_OPERATIONS: sides(['SHIP'], []),
  VESSEL_READY_TO_SAIL: sides(['SHIP'], []),
  DISCHARGE_CARGO_OPERATIONS: byTerminal,
  LOADING_CARGO_OPERATIONS: byTerminal,
  LASHING: byTerminal,
  SAFETY: byTerminal,
  ANCHORAGE_OPERATIONS: sides(['SHIP', 'PORT'], []),
  SHORE_POWER: sides(['TERMINAL', 'SHIP'], []),
  MOVES: byTerminal,
}

/** The service by whose order an organisation takes part in another one. */
const servedBy: Readonly<Partial<Record<ServiceType, ServiceType>>> = {
  PILOT_BOARDING_PLACE: 'PILOTAGE',
  ALL_FAST: 'MOORING',
}

export const partyConditions = defineConditions({
  SIDE_OF_SERVICE:
    'EST, PLN and ACT come from who provides the service, REQ from who consumes it; the caller stands on that side of the call',
})

/** Whom a caller can speak for: every side, or those that its organisation has in a call. */
export type Speaker =
  | 'ANY'
  | {
      /** For whichever terminal: a planner of the port's. */
      terminal: boolean
      terminalOf: string | null
      /** For the ship, as its agent or its carrier. */
      agentOf: string | null
      providerOf: string | null
    }

/** Roles that speak for the port and, since it hears from all of them, for any other side. */
const officeRoles: ReadonlySet<string> = new Set(['admin', 'harbour-master', 'berth-planner'])

/**
 * A machine that is bound to an organisation stands where the organisation does in a call; one that
 * is not is the port's own.
 */
export const speakerOf = ({ kind, roles, organization }: Caller): Speaker => {
  if (kind === 'user' ? roles.some((role) => officeRoles.has(role)) : organization === null) {
    return 'ANY'
  }
  const may = (role: string) => kind !== 'user' || roles.includes(role)
  return {
    terminal: kind === 'user' && roles.includes('terminal-planner'),
    terminalOf: kind === 'user' ? null : organization,
    agentOf: may('agent') ? organization : null,
    providerOf: may('service-provider') ? organization : null,
  }
}

/** Who takes part in a call: its parties, and who has an order on it for which service. */
type Participants = {
  agentOrganization: string
  carrierOrganization: string | null
  terminalOrganization: string | null
  orders: readonly { providerOrganization: string; serviceType: string }[]
}

/** The sides of a service that a speaker stands on in a call. */
export const partiesOf = (
  speaker: Speaker,
  service: ServiceType,
  { orders, ...call }: Participants,
): Party[] => {
  if (speaker === 'ANY') return [...parties]
  const ordered = servedBy[service] ?? service
  const serves = orders.some(
    ({ providerOrganization, serviceType }) =>
      providerOrganization === speaker.providerOf && serviceType === ordered,
  )
  const stands: Record<Party, boolean> = {
    SHIP: speaksForShip(speaker, call),
    TERMINAL:
      speaker.terminal ||
      (speaker.terminalOf !== null && speaker.terminalOf === call.terminalOrganization),
    PORT: false,
    SERVICE_PROVIDER: serves,
  }
  return parties.filter((party) => stands[party])
}

/** Whether a speaker may say of a call what its agent or carrier says. */
export const speaksForShip = (
  speaker: Speaker,
  call: Pick<Participants, 'agentOrganization' | 'carrierOrganization'>,
): boolean =>
  speaker === 'ANY' ||
  (speaker.agentOf !== null &&
    [call.agentOrganization, call.carrierOrganization].includes(speaker.agentOf))

type Said = {
  portCallServiceTypeCode: ServiceType
  classifierCode: Classifier
  /** The side that the caller says it speaks for. */
  onBehalfOf?: Party | undefined
}

/**
 * The side that a timestamp speaks for: the one that is named, or else the first of the sides its
 * classifier comes from that the caller stands on. A fault when that is none.
 *
 * @param own the sides the caller stands on
 */
export const partyOf = (
  { portCallServiceTypeCode, classifierCode, onBehalfOf }: Said,
  own: readonly Party[],
): { party: Party } | { fault: Fault } => {
  const { providers, consumers } = serviceSides[portCallServiceTypeCode]
  const allowed = classifierCode === 'REQ' ? consumers : providers
  const party = allowed.find(
    (each) => own.includes(each) && (onBehalfOf === undefined || each === onBehalfOf),
  )
  if (party !== undefined) return { party }
  const { en, es } = listed(allowed, 'or')
  const name = `${classifierCode} ${portCallServiceTypeCode}`
  return {
    fault: {
      pointer: onBehalfOf === undefined ? '#/classifierCode' : '#/onBehalfOf',
      code: 'SIDE_OF_SERVICE',
      detail:
        allowed.length === 0
          ? { en: `${name} comes from nobody`, es: `${name} no lo comunica nadie` }
          : { en: `${name} comes only from ${en}`, es: `${name} solo lo comunica ${es}` },
    },
  }
}
