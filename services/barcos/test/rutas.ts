import { randomUUID } from 'node:crypto'
import type { NewEvent } from '@porttrack/shared/events/outbox'

export type ZoneData = {
  mmsi: string
  imo: string | null
  name: string | null
  zone: {
    id: string
    name: string
    kind: string
    UNLocationCode: string | null
    facilityCode: string | null
  }
  time: string
  position: { lat: number; lon: number }
  stoppedAt?: string | null
}

type Ship = { MMSINumber: string; vesselIMONumber?: string | null }

type Given = { ship: Ship; time: string } & Pick<ZoneData, 'stoppedAt'> & Partial<ZoneData['zone']>

/** A zone event as rutas publishes it; without `stoppedAt` as it once did. */
export const zoneEvent = (
  happening: 'entered' | 'left' | 'stopped',
  kind: string,
  { ship, time, stoppedAt, ...given }: Given,
): NewEvent & { data: ZoneData } => ({
  type: `rutas.zone.${happening}`,
  subject: ship.MMSINumber,
  time,
  data: {
    mmsi: ship.MMSINumber,
    imo: ship.vesselIMONumber ?? null,
    name: 'ALGECIRAS STAR',
    zone: {
      id: randomUUID(),
      name: `A ${kind}`,
      kind,
      UNLocationCode: 'ESALG',
      facilityCode: null,
      ...given,
    },
    time,
    position: { lat: 36.13, lon: -5.43 },
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  },
})

type Expected = {
  ship: Ship
  arrival: string
  UNLocationCode?: string
  portCallId?: string
}

/** An estimate that has changed, as rutas publishes it; what barcos has no use for left out. */
export const etaChanged = ({
  ship,
  arrival,
  UNLocationCode = 'ESALG',
  portCallId,
}: Expected): NewEvent => ({
  type: 'rutas.eta.changed',
  subject: randomUUID(),
  time: arrival,
  data: {
    voyageId: randomUUID(),
    vesselIMONumber: ship.vesselIMONumber ?? null,
    MMSINumber: ship.MMSINumber,
    vesselName: 'ALGECIRAS STAR',
    UNLocationCode,
    portCallId: portCallId ?? null,
    arrival,
    previous: null,
    distance: 120.5,
    speed: 14.2,
  },
})
