import { sceneShips, shipStateAt } from './fleet.ts'
import { isInside, sceneZones } from './port.ts'

export interface Crossing {
  readonly kind: 'ENTER' | 'EXIT'
  readonly mmsi: string
  readonly vessel: string
  readonly zone: string
  /** Seconds of the scene, to the second. */
  readonly atSeconds: number
}

/**
 * When ships of the scene enter and leave its zones, from their true ways and not from what they
 * report: what a service finds out can be held against it. Coming into reception within a zone is
 * no entering, and going out of reception no leaving.
 */
export function sceneCrossings(options: {
  readonly fromSeconds: number
  readonly durationSeconds: number
}): Crossing[] {
  const { fromSeconds } = options
  const until = fromSeconds + options.durationSeconds
  const crossings: Crossing[] = []
  for (const ship of sceneShips) {
    const { mmsi, name } = ship.vessel
    let inside: Set<string> | undefined
    for (let second = fromSeconds; second <= until; second++) {
      const state = shipStateAt(ship, second)
      if (state === undefined) {
        inside = undefined
        continue
      }
      const now = new Set(
        sceneZones.filter((zone) => isInside(state, zone)).map(({ code }) => code),
      )
      for (const { code } of inside === undefined ? [] : sceneZones) {
        if (now.has(code) === inside?.has(code)) continue
        const kind = now.has(code) ? 'ENTER' : 'EXIT'
        crossings.push({ kind, mmsi, vessel: name, zone: code, atSeconds: second })
      }
      inside = now
    }
  }
  return crossings.toSorted((left, right) => left.atSeconds - right.atSeconds)
}
