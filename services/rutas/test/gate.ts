import type { TestService } from '@porttrack/shared/testing/start-service'
import { expect } from 'vitest'
import { passage } from './sentences.ts'

type Service = Pick<TestService<object>, 'request'>

/** Draws a round zone that `passagesOfGate` lead through. */
export const drawGate = (service: Service) =>
  service.request('POST', '/v1/zones', {
    body: {
      name: 'Gate',
      kind: 'custom',
      geometry: { type: 'Point', coordinates: [-6, 36.05] },
      radiusMetres: 2_000,
    },
  })

/** Logs of ships that sail through the gate from south to north, a report each 31 s. */
export const passagesOfGate = (ships: readonly string[], count: number): string[][] =>
  ships.map((mmsi) =>
    passage({
      mmsi,
      from: { lat: 36, lon: -6 },
      to: { lat: 36.1, lon: -6 },
      begin: Date.UTC(2026, 9, 1, 12),
      count,
      everySeconds: 31,
    }),
  )

/** SQL of how many positions were not written in the order in which their ship sailed. */
export const disordered = `SELECT count(*)::int AS n FROM (
  SELECT message_id, lag(message_id) OVER (PARTITION BY mmsi ORDER BY time) AS before
  FROM position) AS each WHERE message_id < before`

/** Whether of each ship it was told once that it came into the gate, and then that it left. */
export const expectGateTold = async (service: Service, ships: readonly string[]): Promise<void> => {
  const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
  for (const mmsi of ships) {
    const told = body.events.filter(({ subject }: { subject: string }) => subject === mmsi)
    expect(told.map(({ type }: { type: string }) => type)).toEqual([
      'rutas.zone.entered',
      'rutas.zone.left',
    ])
  }
}
