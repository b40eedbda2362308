import { defineAccess } from '@porttrack/shared/auth/access'

/** Everyone who works with port calls, and those who only look. */
const readers = [
  'admin',
  'harbour-master',
  'berth-planner',
  'terminal-planner',
  'gate-clerk',
  'staff-planner',
  'agent',
  'service-provider',
  'viewer',
] as const

/** The harbour master's office. */
const harbourOffice = ['admin', 'harbour-master', 'berth-planner'] as const

/** Who takes part in what services agree on. */
const dcsaParties = [...harbourOffice, 'terminal-planner', 'agent', 'service-provider'] as const

/** Those who see the port through the eyes of one organisation. */
const ownOnly = ['agent', 'service-provider'] as const

/**
 * Who may do what in barcos. Whose calls someone may see is a matter of its own: see
 * `port-calls/visibility.ts`.
 */
export const access = defineAccess({
  'vessel:read': { roles: readers, scopes: ['barcos/read'] },
  'vessel:write': { roles: harbourOffice, scopes: ['barcos/write'] },
  'berth:read': { roles: readers, scopes: ['barcos/read'] },
  // The quay is the port's: no machine draws, closes or blocks it.
  'berth:write': { roles: harbourOffice, scopes: [] },
  'berth:block': { roles: harbourOffice, scopes: [] },
  'approach-place:read': { roles: readers, scopes: ['barcos/read'] },
  'approach-place:write': { roles: harbourOffice, scopes: [] },
  'port-call:read': { roles: readers, scopes: ['barcos/read'], ownOnly },
  'port-call:announce': { roles: [...harbourOffice, 'agent'], scopes: ['barcos/write'], ownOnly },
  // Approving and rejecting is the port's: no agent and no machine decides on its own call.
  'port-call:decide': { roles: harbourOffice, scopes: [] },
  // So are the ship's movements; who plans the terminal says when cargo is worked.
  'port-call:move': { roles: harbourOffice, scopes: [] },
  'port-call:work': { roles: [...harbourOffice, 'terminal-planner'], scopes: [] },
  'port-call:amend': { roles: [...harbourOffice, 'agent'], scopes: ['barcos/write'], ownOnly },
  // Who serves a call handles no cargo.
  'cargo-progress:read': {
    roles: readers.filter((role) => role !== 'service-provider'),
    scopes: ['barcos/read'],
    ownOnly: ['agent'],
  },
  'crew:read': { roles: readers, scopes: ['barcos/read'], ownOnly },
  'clearance:decide': { roles: ['admin', 'harbour-master'], scopes: ['barcos/clearance'] },
  'departure:authorize': { roles: ['admin', 'harbour-master'], scopes: [] },
  'berth-plan:read': { roles: readers, scopes: ['barcos/read'], ownOnly },
  // Where a ship lies is the port's to plan: no agent and no machine reserves metres.
  'berth-plan:write': { roles: harbourOffice, scopes: [] },
  // An agent's figures are those of its own calls.
  'figures:read': {
    roles: [...harbourOffice, 'terminal-planner', 'viewer', 'agent'],
    scopes: ['barcos/read'],
    ownOnly,
  },
  'timestamp:read': { roles: readers, scopes: ['barcos/read'], ownOnly },
  'timestamp:record': {
    roles: [...harbourOffice, 'terminal-planner', 'agent', 'service-provider'],
    scopes: ['barcos/write'],
    ownOnly,
  },
  'webhook:manage': { roles: ['admin'], scopes: ['barcos/webhooks'] },
  // Which call a report belongs to is the port's to say, and so is what it went through.
  'timestamp:attach': { roles: harbourOffice, scopes: [] },
  'port-call:rebuild': { roles: harbourOffice, scopes: [] },
  'service-order:read': { roles: readers, scopes: ['barcos/read'], ownOnly },
  'service-order:request': {
    roles: [...harbourOffice, 'agent'],
    scopes: ['barcos/write'],
    ownOnly,
  },
  'service-order:serve': {
    roles: [...harbourOffice, 'service-provider'],
    scopes: ['barcos/write'],
    ownOnly,
  },
  // Other organisations' systems, and the people who work with what they send.
  'dcsa:read': { roles: dcsaParties, scopes: ['barcos/read'], ownOnly },
  'dcsa:write': { roles: dcsaParties, scopes: ['barcos/write'], ownOnly },
  'feed:read': {
    roles: ['admin'],
    scopes: ['barcos/feed.read'],
    services: ['carga', 'personal', 'rutas'],
  },
})
