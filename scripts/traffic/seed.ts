import type { Platform } from '../platform/platform.ts'
import type { Identity } from '../platform/sign-in.ts'
import { arrivalAfter, nextPortOf, sceneEntrySeconds, sceneShips } from './fleet.ts'
import type { SceneShip, SceneVessel } from './fleet.ts'
import { port, sceneAnchorage, sceneBerths, scenePilotBoardingPlace, sceneZones } from './port.ts'

interface Listed<Item> {
  readonly items: readonly Item[]
  readonly next?: string | null
}

interface ListedVessel {
  readonly id: string
  readonly MMSINumber: string | null
}

interface ListedPortCall {
  readonly vesselId: string
  readonly state: string
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

/**
 * Draws the scene's zones, makes its berths and what lies before them, registers its ships and
 * announces a call for each ship that has none open, all through the public API; what is there already is left as it is.
 *
 * @throws an error that names the request that was refused
 */
export async function seedScene(platform: Platform, signal: AbortSignal): Promise<SeededScene> {
  const api = apiOf(platform, signal)
  const [vesselIds] = await Promise.all([seedVessels(api), seedZones(api), seedPlaces(api)])
  await seedPortCalls(api, vesselIds)
  return { vesselIds }
}

interface Api {
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

async function seedPortCalls(api: Api, vesselIds: ReadonlyMap<string, string>): Promise<void> {
  const path = '/barcos/v1/port-calls'
  const listed = await api.list<ListedPortCall>(agent, path)
  const open = new Set(
    listed.filter(({ state }) => !endedStates.has(state)).map(({ vesselId }) => vesselId),
  )
  for (const ship of sceneShips) {
    const vesselId = vesselIds.get(ship.vessel.mmsi)
    if (ship.vessel.purposes.length === 0 || vesselId === undefined || open.has(vesselId)) continue
    await api.create(agent, path, portCallBody(ship, vesselId))
  }
}

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
    const response = await fetch(`${platform.gatewayUrl}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${await platform.token(identity)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    })
    const text = await response.text()
    if (!response.ok) {
      const request = `${body === undefined ? 'GET' : 'POST'} ${path}`
      throw new Error(`${request} answers ${response.status} ${text.slice(0, 300)}`)
    }
    return JSON.parse(text)
  }
  return {
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
