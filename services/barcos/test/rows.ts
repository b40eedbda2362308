import { randomUUID } from 'node:crypto'
import type { Client } from '../src/database.ts'

/*
 * What a test starts from, put into the database past the rules: a port as it is found. What a test is
 * about goes through HTTP.
 */

let berths = 0

/** An open berth of 600 m at Algeciras, 16 m deep, unless said otherwise. */
export const insertBerth = (client: Client, given: object = {}) => {
  berths += 1
  return client.berth.create({
    data: {
      id: randomUUID(),
      unLocationCode: 'ESALG',
      code: `B${berths}`,
      name: `Muelle ${berths}`,
      quayLength: 600,
      depth: 16,
      state: 'OPEN',
      ...given,
    },
  })
}

type Instant = Date | string

type GivenReservation = {
  berthId: string
  portCallId: string
  fromMetre?: number
  toMetre?: number
  startsAt: Instant
  endsAt: Instant
  alongsideFrom?: Instant | null
  alongsideTo?: Instant | null
  releasedAt?: Instant | null
}

/** A call's reservation of a berth, of its first 200 m unless said otherwise. */
export const insertReservation = (client: Client, given: GivenReservation) => {
  const { startsAt, endsAt, alongsideFrom, alongsideTo, releasedAt, ...place } = given
  return client.berthOccupancy.create({
    data: {
      id: randomUUID(),
      kind: 'RESERVATION',
      fromMetre: 0,
      toMetre: 200,
      createdBy: 'planner',
      ...place,
      startsAt: new Date(startsAt),
      endsAt: new Date(endsAt),
      alongsideFrom: alongsideFrom ? new Date(alongsideFrom) : null,
      alongsideTo: alongsideTo ? new Date(alongsideTo) : null,
      releasedAt: releasedAt ? new Date(releasedAt) : null,
    },
  })
}

export type GivenTimestamp = {
  /** Null for an orphan. */
  portCallId: string | null
  /** Type of service and of event: `BERTH ARRI`. */
  what: string
  time: Instant
  phase?: string | null
  classifier?: string
  source?: string
  recordedAt?: Instant
  remark?: string
  locationName?: string
}

/** What is reported of a call: an actual time, told by a person when it happens, unless said otherwise. */
export const insertTimestamp = (client: Client, given: GivenTimestamp) => {
  const { what, time, recordedAt = time, ...rest } = given
  const [serviceType = '', eventType = ''] = what.split(' ')
  return client.portCallTimestamp.create({
    data: {
      id: randomUUID(),
      serviceType,
      eventType,
      classifier: 'ACT',
      source: 'PERSON',
      ...rest,
      serviceTime: new Date(time),
      recordedAt: new Date(recordedAt),
    },
  })
}
