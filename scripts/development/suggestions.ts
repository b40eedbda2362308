import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Platform } from '../platform/platform.ts'
import { repositoryRoot } from '../platform/repository.ts'
import { ferryLog } from '../traffic/ferry-log.ts'
import { sceneShips, voyager } from '../traffic/fleet.ts'
import { port } from '../traffic/port.ts'
import type { SeededScene } from '../traffic/seed.ts'
import type { Suggestion } from './messages.ts'

/** Commands that work as they are printed, in the folder of the clone. */
export async function suggestions(
  platform: Platform,
  seeded: SeededScene | undefined,
): Promise<Suggestion[]> {
  const log = join(platform.stateDirectory, 'ferry.nmea')
  await writeFile(log, ferryLog(Date.now()))
  return [
    {
      what: 'the ships in the bay of Algeciras, now',
      command: curl('viewer', `"${platform.gatewayUrl}/rutas/v1/targets?bbox=-5.6,35.9,-5.2,36.3"`),
    },
    announcement(platform, seeded),
    {
      what: `the voyage of ${voyager.vessel.name}: where it stands, and when she arrives`,
      command: curl(
        'viewer',
        `"${platform.gatewayUrl}/rutas/v1/voyages?MMSINumber=${voyager.vessel.mmsi}"`,
      ),
    },
    {
      what: 'replay a log: a ferry that crossed to Ceuta within the last hour',
      command: curl(
        'harbour-master',
        `-H "content-type: text/plain" --data-binary @${relative(repositoryRoot, log)} ` +
          `${platform.gatewayUrl}/rutas/v1/ais`,
      ),
    },
  ]
}

/** Of the ship that lies at anchor without a call; where she is not registered, the list. */
function announcement(platform: Platform, seeded: SeededScene | undefined): Suggestion {
  const url = `${platform.gatewayUrl}/barcos/v1/port-calls`
  const ship = sceneShips.find(({ vessel }) => vessel.name === 'PENON SPIRIT')?.vessel
  const vesselId = seeded?.vesselIds.get(ship?.mmsi ?? '')
  if (ship === undefined || vesselId === undefined) {
    return { what: 'the port calls of the agent ACME', command: curl('agent', url) }
  }
  const body = { vesselId, UNLocationCode: port.UNLocationCode, purposes: ['BUNKERING'] }
  return {
    what: `announce a port call of ${ship.name}, who lies at anchor`,
    command: curl(
      'agent',
      `-H "content-type: application/json" -d '${JSON.stringify(body)}' ${url}`,
    ),
  }
}

function curl(identity: string, request: string): string {
  const token = `$(npx -y pnpm@12 -s access-token ${identity})`
  return `curl -s -H "authorization: Bearer ${token}" ${request}`
}
