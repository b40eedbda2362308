import { defineAccess, roles } from '@porttrack/shared/auth/access'

export const access = defineAccess({
  'target:read': { roles, scopes: ['rutas/read'] },
  'route:read': { roles, scopes: ['rutas/read'] },
  'zone:read': { roles, scopes: ['rutas/read'] },
  'zone:write': { roles: ['admin', 'harbour-master', 'berth-planner'], scopes: ['rutas/write'] },
  'voyage:read': { roles, scopes: ['rutas/read'] },
  'voyage:write': { roles: ['admin', 'harbour-master', 'berth-planner'], scopes: ['rutas/write'] },
  'ais:write': { roles: ['admin', 'harbour-master'], scopes: ['rutas/ais.write'] },
  'webhook:manage': { roles: ['admin'], scopes: ['rutas/webhooks'] },
  'feed:read': {
    roles: ['admin'],
    scopes: ['rutas/feed.read'],
    services: ['barcos'],
  },
})
