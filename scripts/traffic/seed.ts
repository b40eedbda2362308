import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '../platform/platform.ts'
import type { Identity } from '../platform/sign-in.ts'
import {
  arrivalAfter,
  nextPortOf,
  sceneEntrySeconds,
  sceneShips,
  shipStateAt,
  voyager,
} from './fleet.ts'
import type { SceneShip, SceneVessel } from './fleet.ts'
import {
  isInside,
  port,
  sceneAnchorage,
  sceneBerths,
  scenePilotBoardingPlace,
  sceneZones,
} from './port.ts'

interface Listed<Item> {
  readonly items: readonly Item[]
  readonly next?: string | null
}

interface ListedVessel {
  readonly id: string
  readonly MMSINumber: string | null
}

interface ListedPortCall {
  readonly id: string
  readonly vesselId: string
  readonly state: string
}

interface Suggestion {
  readonly berthId: string
  readonly berthCode: string
  readonly startsAt: string
  readonly endsAt: string
}

/** States in which a call takes no more of what AIS sees. */
const endedStates = new Set(['DEPARTED', 'CLOSED', 'OMITTED', 'CANCELLED'])

/** The organisation of this agent announces the scene's calls. */
const agent: Identity = 'agent'
const office: Identity = 'harbour-master'

export interface SeededScene {
  /** Ids of the registered vessels, by MMSI. */
  readonly vesselIds: ReadonlyMap<string, string>
}

/** How long a ship of the scene is planned to lie at her berth. */
const hoursAlongside = 10

/**
 * Draws the scene's zones, makes its berths and what lies before them, registers its ships, and
 * announces a call with a berth for each ship that has none open, and schedules the voyage of one of
 * them, all through the public API; what is
 * there already is left as it is.
 *
 * @throws an error that names the request that was refused
 */
export async function seedScene(platform: Platform, signal: AbortSignal): Promise<SeededScene> {
  const api = apiOf(platform, signal)
  const [vesselIds] = await Promise.all([seedVessels(api), seedZones(api), seedPlaces(api)])
  const calls = await seedPortCalls(api, vesselIds)
  await seedReservations(api, calls)
  await seedVoyage(api)
  return { vesselIds }
}

interface Api {
  read<Answer>(identity: Identity, path: string): Promise<Answer>
  list<Item>(identity: Identity, path: string): Promise<Item[]>
  create<Item>(identity: Identity, path: string, body: unknown): Promise<Item>
}

async function seedZones(api: Api): Promise<void> {
  const path = '/rutas/v1/zones'
  const listed = await api.list<{ name: string }>(office, path)
  const present = new Set(listed.map(({ name }) => name))
  for (const { name, kind, UNLocationCode, facilityCode, geometry } of sceneZones) {
    if (present.has(name)) continue
    const facility = facilityCode === undefined ? {} : { facilityCode }
    await api.create(office, path, { name, kind, UNLocationCode, ...facility, geometry })
  }
}

async function seedPlaces(api: Api): Promise<void> {
  const places = [
    ['/barcos/v1/berths', sceneBerths],
    ['/barcos/v1/anchorages', [sceneAnchorage]],
    ['/barcos/v1/pilot-boarding-places', [scenePilotBoardingPlace]],
  ] as const
  for (const [path, wanted] of places) {
    const listed = await api.list<{ UNLocationCode: string; code: string }>(office, path)
    const present = new Set(
      listed
        .filter(({ UNLocationCode }) => UNLocationCode === port.UNLocationCode)
        .map(({ code }) => code),
    )
    for (const place of wanted) {
      if (!present.has(place.code)) await api.create(office, path, place)
    }
  }
}

async function seedVessels(api: Api): Promise<Map<string, string>> {
  const path = '/barcos/v1/vessels'
  const listed = await api.list<ListedVessel>(office, path)
  const ids = new Map(listed.map(({ MMSINumber, id }) => [MMSINumber ?? '', id]))
  for (const { vessel } of sceneShips) {
    if (vessel.vesselType === null || ids.has(vessel.mmsi)) continue
    const { id } = await api.create<ListedVessel>(office, path, vesselBody(vessel))
    ids.set(vessel.mmsi, id)
  }
  return ids
}

/** The open call of each ship that makes any. */
async function seedPortCalls(
  api: Api,
  vesselIds: ReadonlyMap<string, string>,
): Promise<Map<SceneShip, string>> {
  const path = '/barcos/v1/port-calls'
  const listed = await api.list<ListedPortCall>(agent, path)
  const open = new Map(
    listed.filter(({ state }) => !endedStates.has(state)).map(({ vesselId, id }) => [vesselId, id]),
  )
  const calls = new Map<SceneShip, string>()
  for (const ship of sceneShips) {
    const vesselId = vesselIds.get(ship.vessel.mmsi)
    if (ship.vessel.purposes.length === 0 || vesselId === undefined) continue
    const id =
      open.get(vesselId) ??
      (await api.create<ListedPortCall>(agent, path, portCallBody(ship, vesselId))).id
    calls.set(ship, id)
  }
  return calls
}

/** Plans each ship that goes alongside to the berth she comes to, for when she fits there next. */
async function seedReservations(api: Api, calls: ReadonlyMap<SceneShip, string>): Promise<void> {
  for (const [ship, callId] of calls) {
    const path = `/barcos/v1/port-calls/${callId}`
    const berthCode = berthOf(ship)
    if (berthCode === undefined) continue
    const { items: present } = await api.read<Listed<unknown>>(office, `${path}/reservations`)
    if (present.length > 0) continue
    const { items } = await api.read<Listed<Suggestion>>(
      office,
      `${path}/berth-suggestions?hours=${hoursAlongside}&limit=200`,
    )
    const next = items.find((item) => item.berthCode === berthCode)
    if (next === undefined) continue
    const { berthId, startsAt, endsAt } = next
    await api.create(office, `${path}/reservations`, { berthId, startsAt, endsAt })
  }
}

/** Code of the berth at which a ship of the scene lies when she has come in; undefined for others. */
function berthOf(ship: SceneShip): string | undefined {
  const arrival = arrivalAfter(ship, sceneEntrySeconds)
  const place = arrival === undefined ? ship.place : shipStateAt(ship, arrival + 1)
  return sceneBerths.find((berth) => place !== undefined && isInside(place, berth))?.code
}

const hour = 3_600_000

/** Schedules the voyage on which a ship comes to the port and goes on, unless she has one of these days. */
async function seedVoyage(api: Api): Promise<void> {
  const path = '/rutas/v1/voyages'
  const { mmsi, imo, name } = voyager.vessel
  const arrival = arrivalAfter(voyager, sceneEntrySeconds)
  const nextPort = nextPortOf(voyager)
  if (arrival === undefined || nextPort === undefined) return
  const lately = at(Date.now() - 24 * hour)
  const query = `?MMSINumber=${mmsi}&from=${encodeURIComponent(lately)}&limit=1`
  const { items: present } = await api.read<Listed<unknown>>(office, `${path}${query}`)
  if (present.length > 0) return
  const arrives = Date.now() + (arrival - sceneEntrySeconds) * 1000
  const left = at(arrives - 17 * hour)
  const { id } = await api.create<{ id: string }>(office, path, {
    MMSINumber: mmsi,
    vesselIMONumber: imo,
    vesselName: name,
    carrierServiceCode: 'ESTRECHO',
    carrierVoyageNumber: '017W',
    calls: [
      { UNLocationCode: 'PTSIE', plannedDeparture: left },
      {
        UNLocationCode: port.UNLocationCode,
        plannedArrival: at(arrives),
        plannedDeparture: at(arrives + hoursAlongside * hour),
      },
      { UNLocationCode: nextPort, plannedArrival: at(arrives + 10 * 24 * hour) },
    ],
  })
  // No receiver of the scene hears her there.
  await api.create(office, `${path}/${id}/reports`, {
    event: 'DEPARTURE',
    transportCallReference: 'PTSIE-1',
    time: left,
  })
}

const at = (time: number): string => new Date(time).toISOString()

function vesselBody(vessel: SceneVessel): unknown {
  return {
    ...(vessel.imo === null ? {} : { vesselIMONumber: vessel.imo }),
    MMSINumber: vessel.mmsi,
    callSign: vessel.callSign,
    name: vessel.name,
    flag: vessel.flag,
    type: vessel.vesselType,
    lengthOverall: vessel.lengthMetres,
    beam: vessel.beamMetres,
    maximumDraft: vessel.draughtMetres,
    grossTonnage: vessel.grossTonnage,
  }
}

function portCallBody(ship: SceneShip, vesselId: string): unknown {
  const arrival = arrivalAfter(ship, sceneEntrySeconds)
  const nextPort = nextPortOf(ship)
  return {
    vesselId,
    UNLocationCode: port.UNLocationCode,
    purposes: ship.vessel.purposes,
    declaredArrivalDraft: ship.vessel.draughtMetres,
    ...(nextPort === undefined ? {} : { nextPort }),
    ...(arrival === undefined
      ? {}
      : { eta: new Date(Date.now() + (arrival - sceneEntrySeconds) * 1000).toISOString() }),
  }
}

function apiOf(platform: Platform, signal: AbortSignal): Api {
  const ask = async (identity: Identity, path: string, body?: unknown): Promise<unknown> => {
    const key = randomUUID()
    const send = async (): Promise<Response> =>
      fetch(`${platform.gatewayUrl}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${await platform.token(identity)}`,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
      })
    let response = await send()
    // A slow machine may be too busy just after the start, and says when to come back.
    for (let tries = 1; response.status === 503 && tries < 10; tries++) {
      await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1), undefined, { signal })
      response = await send()
    }
    const text = await response.text()
    if (!response.ok) {
      const request = `${body === undefined ? 'GET' : 'POST'} ${path}`
      throw new Error(`${request} answers ${response.status} ${text.slice(0, 300)}`)
    }
    return JSON.parse(text)
  }
  return {
    async read<Answer>(identity: Identity, path: string): Promise<Answer> {
      return (await ask(identity, path)) as Answer
    },
    async list<Item>(identity: Identity, path: string): Promise<Item[]> {
      const items: Item[] = []
      let cursor = ''
      do {
        const query = `?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
        const page = (await ask(identity, `${path}${query}`)) as Listed<Item>
        items.push(...page.items)
        cursor = page.next ?? ''
      } while (cursor !== '')
      return items
    },
    async create<Item>(identity: Identity, path: string, body: unknown): Promise<Item> {
      return (await ask(identity, path, body)) as Item
    },
  }
}
