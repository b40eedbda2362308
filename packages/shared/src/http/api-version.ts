import type { FastifyInstance } from 'fastify'
import type { Contract } from './contract.ts'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

/**
 * Has every route of a scope name the contract's version, and refuse requests for another: 400
 * where `API-Version` names another major version than is served.
 */
export const keepVersion = (scope: FastifyInstance, { version }: Contract): void => {
  const [major = ''] = version.split('.', 1)
  const served = new RegExp(String.raw`^${major}(\.\d{1,9}){0,2}$`)
  scope.addHook('onRequest', (request, reply, done) => {
    reply.header('api-version', version)
    const wanted = request.headers['api-version']
    if (wanted === undefined || served.test(String(wanted))) return done()
    return done(
      new ProblemError(kitErrors.API_VERSION_UNSUPPORTED, {
        detail: {
          en: `API-Version must be ${major} or begin with "${major}."; ${version} is served here`,
          es: `API-Version debe ser ${major} o empezar por "${major}."; aquí se sirve ${version}`,
        },
      }),
    )
  })
}
