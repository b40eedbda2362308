import type { Succeeding } from './client.ts'

type Given = {
  ship: { vesselIMONumber: string; MMSINumber: string; name: string }
  /** RFC 3339, as declared. */
  eta: string
  etd: string
}

/** A berth of Algeciras, with bollards each 30 m. */
export const berthWithBollards = {
  UNLocationCode: 'ESALG',
  code: 'JC1',
  name: 'Juan Carlos I, norte',
  quayLength: 420,
  depth: 16,
  bollards: Array.from({ length: 15 }, (_, n) => ({ number: String(n + 1), metre: n * 30 })),
}

/**
 * Registers a ship of 180 m, lays out a berth of Algeciras with room for it and bollards each 30 m, and
 * announces the ship's call there.
 */
export const announceCall = async (ok: Succeeding, { ship, eta, etd }: Given) => {
  const vessel = await ok('POST /barcos/v1/vessels', {
    as: 'harbour-master',
    body: {
      ...ship,
      flag: 'ES',
      type: 'CONT',
      lengthOverall: 180,
      beam: 30,
      maximumDraft: 10.5,
    },
  })
  const berth = await ok('POST /barcos/v1/berths', {
    as: 'harbour-master',
    body: berthWithBollards,
  })
  const portCall = await ok('POST /barcos/v1/port-calls', {
    as: 'agent',
    body: {
      vesselId: vessel.id,
      agentOrganization: 'acme',
      UNLocationCode: 'ESALG',
      purposes: ['CARGO_OPERATIONS'],
      eta,
      etd,
      declaredArrivalDraft: 10,
      declaredDepartureDraft: 10,
    },
  })
  return { vessel, berth, portCall }
}
