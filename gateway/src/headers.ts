import type { IncomingHttpHeaders } from 'node:http'

/** Headers of one connection (RFC 9110 §7.6.1), which end where the connection does. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]

/** Headers of requests that the gateway answers for itself or says itself. */
const ownToRequests = new Set([
  ...hopByHop,
  'authorization',
  'baggage',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'traceparent',
  'tracestate',
  'x-canary',
  'x-real-ip',
  'x-request-deadline',
  'x-request-id',
])

/** Headers that tell what stands behind the gateway, or that no service of ours sends. */
const keptFromCallers = new Set([
  ...hopByHop,
  'server',
  'set-cookie',
  'via',
  'www-authenticate',
  'x-powered-by',
])

/**
 * A caller's headers that go on to a service, as name and value in turn. What only the gateway may
 * say is left out, also when spelt with underscores, which some readers take for dashes.
 */
export const forwardedHeaders = (headers: IncomingHttpHeaders): string[] => {
  const named = namedByConnection(headers.connection)
  const kept: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || ownToRequests.has(name) || named?.has(name)) continue
    if (name.startsWith('x-forwarded-') || name.startsWith('x-porttrack-')) continue
    if (name.includes('_')) continue
    kept.push(name, typeof value === 'string' ? value : value.join(', '))
  }
  return kept
}

/** Headers that an answer has from the gateway, as name and value in turn, and their names. */
export type OwnHeaders = { sent: readonly string[]; names: ReadonlySet<string> }

/** Of headers by name. */
export const ownHeaders = (
  headers: Readonly<Record<string, string | number | string[] | undefined>>,
): OwnHeaders => {
  const set = Object.entries(headers).filter(([, value]) => value !== undefined)
  return {
    sent: set.flatMap(([name, value]) => [name, String(value)]),
    names: new Set(set.map(([name]) => name)),
  }
}

/**
 * A service's headers that go back to the caller, after `own`, which they cannot replace; both names,
 * in lower case, and values in turn. Addresses get the service's prefix, without which they lead
 * nowhere.
 */
export const answerHeaders = (
  headers: readonly string[],
  { own, service, origin }: { own: OwnHeaders; service: string; origin: string },
): string[] => {
  const named = namedByConnection(valueOf(headers, 'connection'))
  const sent = [...own.sent]
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    const value = headers[at + 1] ?? ''
    if (keptFromCallers.has(name) || named?.has(name) || own.names.has(name)) continue
    if (name === 'location' || name === 'content-location') {
      const address = publicAddress(value, service, origin)
      if (address !== null) sent.push(name, address)
    } else if (name === 'link') {
      sent.push(name, value.replace(/<\/(?!\/)/g, `</${service}/`))
    } else {
      sent.push(name, value)
    }
  }
  return sent
}

/**
 * What headers, as names in lower case and values in turn, say of one; of one that is there several
 * times all of it, in a list.
 */
export const valueOf = (headers: readonly string[], name: string): string | undefined => {
  let found: string | undefined
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] !== name) continue
    const value = headers[at + 1] ?? ''
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

/** Null for an address that is not the service's own. */
const publicAddress = (address: string, service: string, origin: string): string | null => {
  const local = address.startsWith(`${origin}/`) ? address.slice(origin.length) : address
  return /^\/(?![/\\])/.test(local) ? `/${service}${local}` : null
}

const namedByConnection = (connection: string | undefined): Set<string> | null => {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
}
