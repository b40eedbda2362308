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

/**
 * Who may do what in carga. Agents and providers see only what is theirs, and a container visit
 * does not say whose it is: they are not let in.
 */
export const access = defineAccess({
  'container-visit:read': { roles: readers, scopes: ['carga/read'] },
  'container-visit:write': { roles: terminalOffice, scopes: ['carga/write'] },
  'container-visit-event:record': {
    roles: [...terminalOffice, 'gate-clerk'],
    scopes: ['carga/write'],
  },
  'webhook:manage': { roles: ['admin'], scopes: ['carga/webhooks'] },
  'feed:read': {
    roles: ['admin'],
    scopes: ['carga/feed.read'],
    services: ['barcos', 'personal', 'rutas'],
  },
})
