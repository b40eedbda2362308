import { defineAccess } from '@porttrack/shared/auth/access'

/** Those of the port who work with containers. */
const readers = [
  'admin',
  'harbour-master',
  'berth-planner',
  'terminal-planner',
  'gate-clerk',
  'viewer',
] as const

/** Who plans what the terminal does. */
const terminalOffice = ['admin', 'harbour-master', 'terminal-planner'] as const

/** Those who see the port through the eyes of one organisation. */
const ownOnly = ['agent'] as const

/**
 * Who may do what in carga. Whose cargo someone may see is a matter of its own: see `visibility.ts`.
 * Service providers handle no cargo: they are not let in.
 */
export const access = defineAccess({
  'port-call:read': { roles: [...readers, 'agent'], scopes: ['carga/read'], ownOnly },
  'container-visit:read': { roles: [...readers, 'agent'], scopes: ['carga/read'], ownOnly },
  'container-visit:write': { roles: terminalOffice, scopes: ['carga/write'] },
  'container-visit-event:record': {
    roles: [...terminalOffice, 'gate-clerk'],
    scopes: ['carga/write'],
  },
  'vgm:declare': { roles: [...terminalOffice, 'agent'], scopes: ['carga/write'], ownOnly },
  // Each authority places and releases its own holds: see `holds/hold.ts`.
  'hold:decide': {
    roles: ['harbour-master', 'terminal-planner', 'agent'],
    scopes: ['carga/hold.customs', 'carga/hold.health', 'carga/hold.line', 'carga/hold.terminal'],
    ownOnly,
  },
  'hold:customs': { roles: ['harbour-master'], scopes: ['carga/hold.customs'] },
  'hold:health': { roles: ['harbour-master'], scopes: ['carga/hold.health'] },
  'hold:line': { roles: ['agent'], scopes: ['carga/hold.line'], ownOnly },
  'hold:terminal': { roles: ['terminal-planner'], scopes: ['carga/hold.terminal'] },
  'dangerous-goods:declare': {
    roles: [...terminalOffice, 'agent'],
    scopes: ['carga/write'],
    ownOnly,
  },
  // What is accepted, and what was consulted on, is for people of the port to say.
  'dangerous-goods:decide': { roles: terminalOffice, scopes: [] },
  'segregation:confirm': { roles: terminalOffice, scopes: [] },
  'segregation:override': { roles: terminalOffice, scopes: [] },
  // Names other carriers' containers.
  'segregation:read': { roles: readers, scopes: [] },
  'yard:read': { roles: readers, scopes: [] },
  'yard:write': { roles: terminalOffice, scopes: [] },
  'gate-slot:read': { roles: [...readers, 'agent'], scopes: ['carga/read'] },
  'gate-slot:write': { roles: terminalOffice, scopes: [] },
  'gate-appointment:book': {
    roles: [...terminalOffice, 'gate-clerk', 'agent'],
    scopes: ['carga/write'],
    ownOnly,
  },
  'gate-appointment:handle': { roles: [...terminalOffice, 'gate-clerk'], scopes: [] },
  'cargo-list:read': { roles: [...readers, 'agent'], scopes: ['carga/read'], ownOnly },
  'cargo-list:write': { roles: [...terminalOffice, 'agent'], scopes: ['carga/write'], ownOnly },
  'transport-document:read': {
    roles: [...terminalOffice, 'gate-clerk', 'agent'],
    scopes: ['carga/read'],
    ownOnly,
  },
  'transport-document:write': {
    roles: [...terminalOffice, 'agent'],
    scopes: ['carga/write'],
    ownOnly,
  },
  'figures:read': { roles: [...terminalOffice, 'berth-planner', 'viewer'], scopes: ['carga/read'] },
  // Who is late, and who may be, is the terminal's to say: no agent and no machine decides it.
  'cut-off:set': { roles: terminalOffice, scopes: [] },
  'cut-off:override': { roles: terminalOffice, scopes: [] },
  // Other organisations' systems, and the people who work with what they send.
  'dcsa:read': { roles: [...terminalOffice, 'agent'], scopes: ['carga/read'], ownOnly },
  'dcsa:write': { roles: [...terminalOffice, 'agent'], scopes: ['carga/write'], ownOnly },
  'webhook:manage': { roles: ['admin'], scopes: ['carga/webhooks'] },
  'feed:read': {
    roles: ['admin'],
    scopes: ['carga/feed.read'],
    services: ['barcos', 'personal'],
  },
})
