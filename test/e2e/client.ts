import type { Platform } from '@porttrack/scripts/platform/platform'
import type { Identity } from '@porttrack/scripts/platform/sign-in'
import { expect } from 'vitest'

export type Answer = {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  body: any
}

type Call = { as: Identity; body?: unknown; headers?: Record<string, string> }

/** Calls the platform as a user does: through the gateway, with an access token of the user pool. */
export const clientOf =
  (platform: Platform) =>
  async (
    line: `${'GET' | 'POST' | 'PUT'} ${string}`,
    { as, body, headers }: Call,
  ): Promise<Answer> => {
    const [method = 'GET', path = '/'] = line.split(' ', 2)
    const raw = typeof body === 'string'
    const response = await fetch(new URL(path, platform.gatewayUrl), {
      method,
      headers: {
        authorization: `Bearer ${await platform.token(as)}`,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
    }
  }

export type Client = ReturnType<typeof clientOf>

/** Calls that must succeed, and gives what was answered. */
export const succeeding =
  (call: Client) =>
  async (...given: Parameters<Client>): Promise<Answer['body']> => {
    const { status, body } = await call(...given)
    expect(status, `${given[0]}: ${JSON.stringify(body)}`).toBeLessThan(300)
    return body
  }

export type Succeeding = ReturnType<typeof succeeding>
