import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { call, type TestGateway } from '../../gateway/test/gateway.ts'
import { beginningOf, type Door, isStream } from './services.ts'

const harbourMaster: Identity = { roles: ['harbour-master'] }

/** A service as callers reach it through the gateway, each with a token of the user pool. */
export const gatewayDoor = (gateway: TestGateway, name: string): Door => {
  const tokens = new Map<string, string>()
  const tokenOf = (identity: Identity): string => {
    const { roles = [], org, subject = 'office' } = identity
    const key = JSON.stringify(identity)
    const groups = [...roles, ...(org === undefined ? [] : [`org.${org}`])]
    const token = tokens.get(key) ?? gateway.pool.userToken(groups, { sub: subject })
    tokens.set(key, token)
    return token
  }
  return {
    name,
    request: (method, path, { as = harbourMaster, headers = {}, body } = {}) => {
      const token = as === null ? null : tokenOf(as)
      return isStream(name, method, path.slice(name.length + 1))
        ? beginningOf(`${gateway.url}${path}`, { token, headers })
        : call(gateway, path, {
            method,
            token,
            headers,
            ...(body === undefined
              ? {}
              : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
          })
    },
  }
}
