import { defineAccess } from '@porttrack/shared/auth/access'

/** Any caller with an accepted token comes through; each service decides by its own table. */
export const access = defineAccess({
  'service:call': 'everyone',
  // The gateway publishes no events.
  'feed:read': { roles: [], scopes: [] },
})
