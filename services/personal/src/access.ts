import { defineAccess } from '@porttrack/shared/auth/access'

/** Who may know of the people who work; what of them is a matter of `employees/personal-data.ts`. */
const portStaff = [
  'admin',
  'harbour-master',
  'berth-planner',
  'terminal-planner',
  'staff-planner',
  'viewer',
] as const
const readers = [...portStaff, 'service-provider'] as const

/** Who plans what people do. */
const staffOffice = ['admin', 'harbour-master', 'staff-planner'] as const

/** Those who know of their own organisation's people alone, see `employees/personal-data.ts`. */
const ownOnly = ['service-provider'] as const

/** Who may do what in personal. */
export const access = defineAccess({
  'employee:read': { roles: readers, scopes: ['personal/read'], ownOnly },
  'employee:write': { roles: staffOffice, scopes: ['personal/write'] },
  // Everything that is known of someone, at once and in clear: for that person, who asks the office.
  'personal-data:read': { roles: staffOffice, scopes: [] },
  'personal-data:erase': { roles: ['admin', 'harbour-master'], scopes: [] },
  // The office hands a person the link: people of the port need no account.
  'calendar:manage': { roles: staffOffice, scopes: [] },
  'certificate:read': { roles: readers, scopes: ['personal/read'], ownOnly },
  'certificate:write': { roles: staffOffice, scopes: ['personal/write'] },
  // Why someone is absent is known to the staff office alone.
  'absence:read': { roles: staffOffice, scopes: ['personal/write'] },
  'absence:write': { roles: staffOffice, scopes: ['personal/write'] },
  'shift:read': { roles: portStaff, scopes: ['personal/read'] },
  'shift:write': { roles: staffOffice, scopes: ['personal/write'] },
  'assignment:write': { roles: staffOffice, scopes: ['personal/write'] },
  'assignment:override': { roles: ['admin', 'harbour-master'], scopes: [] },
  'work:read': { roles: staffOffice, scopes: ['personal/write'] },
  'work:write': { roles: staffOffice, scopes: ['personal/write'] },
  // Whoever signs vouches for it: no machine does.
  'work:sign': { roles: staffOffice, scopes: [] },
  'rest:read': { roles: staffOffice, scopes: ['personal/write'] },
  'webhook:manage': { roles: ['admin'], scopes: ['personal/webhooks'] },
  'feed:read': {
    roles: ['admin'],
    scopes: ['personal/feed.read'],
    services: ['barcos'],
  },
})
