import { defineAccess } from '@porttrack/shared/auth/access'

/** Any caller with an accepted token comes through; each service decides by its own table. */
export const access = defineAccess({
  'service:call': 'everyone',
  // Who may ask for a release by name, such as a smoke test.
  'canary:choose': { roles: ['admin'], scopes: ['gateway/canary'] },
  // The gateway publishes no events.
  'feed:read': { roles: [], scopes: [] },
})
