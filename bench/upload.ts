import type { Platform } from '@porttrack/scripts/platform/platform'

/**
 * Hands NMEA lines over through the gateway, as a receiver does.
 *
 * @throws when they are not taken
 */
export const upload = async (
  platform: Platform,
  body: string | Buffer<ArrayBuffer>,
): Promise<{ stored: number }> => {
  const response = await fetch(`${platform.gatewayUrl}/rutas/v1/ais`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await platform.token('ais-receiver')}`,
      'content-type': 'text/plain',
    },
    body,
  })
  const answer = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${answer}`)
  return JSON.parse(answer) as { stored: number }
}
