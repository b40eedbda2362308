import { type Grant, type Role, roles } from '@porttrack/shared/auth/access'
import type { GuardedRoute } from '@porttrack/shared/auth/authenticate'
import { page, table } from './markdown.ts'
import type { SelfDescription } from './openapi.ts'

/** `docs/permissions.md`: who may use which route, and with whose objects. */
export const permissionsPage = (described: readonly SelfDescription[]): string =>
  page('Permissions', 'the access tables and the routes', [
    'Each route names one permission, and the access table of its service says who holds it. Whoever is not named is refused with 403; without an accepted token it is 401.',
    table(
      ['cell', 'meaning'],
      [
        ['all', 'may, with everybody’s objects'],
        ['own', 'may, with objects of their own organisation; others’ ids answer 404'],
        ['', 'may not'],
      ],
    ),
    'A user’s organisation is the Cognito group `org.<code>`, a machine’s the scope `org/<code>`. A machine whose token names an organisation is bound to it wherever users are; one without is the port’s own. Someone with several roles may do what any of them allows. An administrator who is bound to an organisation manages that organisation’s webhooks alone. HEAD is allowed where GET is.',
    '## Public routes',
    'Everything that answers without a token, beside health and metrics on the management port:',
    table(
      ['process', 'route'],
      described.flatMap(({ definition, routes }) =>
        listed(routes)
          .filter(({ permission }) => permission === null)
          .map((route) => [definition.name, `\`${nameOf(route)}\``]),
      ),
    ),
    ...described.flatMap(({ definition: { name, access }, routes }) => [
      `## ${name}`,
      table(
        ['route', 'permission', ...roles, 'scopes', 'services'],
        listed(routes).flatMap((route) => {
          if (route.permission === null) return []
          const grant = access.grants[route.permission]
          return [[`\`${nameOf(route)}\``, `\`${route.permission}\``, ...holdersOf(grant)]]
        }),
      ),
    ]),
  ])

const holdersOf = (grant: Grant | undefined): string[] => {
  if (grant === 'everyone') return [...roles.map(() => 'all'), 'any', '']
  const cells = roles.map((role) => (grant?.roles.includes(role) ? reachOf(role, grant) : ''))
  return [...cells, code(grant?.scopes), code(grant?.services)]
}

const reachOf = (role: Role, { ownOnly = [] }: Exclude<Grant, 'everyone'>): string =>
  ownOnly.includes(role) ? 'own' : 'all'

const listed = (routes: readonly GuardedRoute[]): GuardedRoute[] =>
  routes
    .filter(({ method }) => method !== 'HEAD')
    .toSorted((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`, 'en'))

const nameOf = ({ method, path }: GuardedRoute): string =>
  `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`

const code = (names: readonly string[] = []): string =>
  names.map((name) => `\`${name}\``).join(', ')
