import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Platform } from '@porttrack/scripts/platform/platform'

/**
 * Hands NMEA lines over through the gateway, as a receiver does. By `node:http`: the streams that
 * `fetch` makes of a body cost as much as a tenth of all that is measured.
 *
 * @throws when they are not taken
 */
export const upload = async (
  platform: Platform,
  body: string | Buffer<ArrayBuffer>,
): Promise<{ stored: number }> => {
  const headers = {
    authorization: `Bearer ${await platform.token('ais-receiver')}`,
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
  }
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const url = `${platform.gatewayUrl}/rutas/v1/ais`
  request(url, { method: 'POST', headers }, (response) => {
    buffer(response).then(
      (bytes) => resolve({ status: response.statusCode ?? 0, text: bytes.toString() }),
      reject,
    )
  })
    .on('error', reject)
    .end(body)
  const { status, text } = await promise
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return JSON.parse(text) as { stored: number }
}
