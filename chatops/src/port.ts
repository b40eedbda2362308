import type { Secret } from '@porttrack/shared/service/secret'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

export type PortOptions = {
  /** The gateway. */
  url: string
  /** The user pool's token endpoint. */
  tokenUrl: string
  clientId: string
  clientSecret: Secret
}

const Token = Type.Object({ access_token: Type.String(), expires_in: Type.Number() })
const Vessels = Type.Object({
  items: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
})
const Calls = Type.Object({
  items: Type.Array(Type.Object({ state: Type.String(), UNLocationCode: Type.String() })),
})

export type Ship = { name: string; calls: readonly { state: string; port: string }[] }

/** PortTrack itself, asked as a machine client that may read and nothing else. */
export const openPort = ({ url, tokenUrl, clientId, clientSecret }: PortOptions) => {
  let token: { value: string; until: number } | undefined
  const bearer = async (): Promise<string> => {
    if (token && token.until > performance.now()) return token.value
    const answer = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret.current()}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'barcos/read' }),
      signal: AbortSignal.timeout(10_000),
    })
    const body: unknown = await answer.json()
    if (!Value.Check(Token, body)) throw new Error(`no token: ${answer.status}`)
    // Renewed a minute before its end.
    token = { value: body.access_token, until: performance.now() + (body.expires_in - 60) * 1_000 }
    return token.value
  }
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${await bearer()}` },
      signal: AbortSignal.timeout(10_000),
    })
    if (!answer.ok) throw new Error(`PortTrack answered ${answer.status}`)
    return answer.json()
  }
  return {
    /** A ship by its IMO number, with its newest calls; null when none is registered. */
    ship: async (imo: string): Promise<Ship | null> => {
      const found = await get(`/barcos/v1/vessels?vesselIMONumber=${imo}&limit=1`)
      const [vessel] = Value.Check(Vessels, found) ? found.items : []
      if (!vessel) return null
      const calls = await get(`/barcos/v1/port-calls?vesselId=${vessel.id}&limit=3`)
      return {
        name: vessel.name,
        calls: Value.Check(Calls, calls)
          ? calls.items.map(({ state, UNLocationCode: port }) => ({ state, port }))
          : [],
      }
    },
  }
}

export type Port = ReturnType<typeof openPort>
