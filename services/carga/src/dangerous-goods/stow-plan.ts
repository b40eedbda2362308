import { type Segregation, segregationLevels, strictest } from './segregation.ts'

/** Metres that must lie between two containers at each level; consulted is what is nearer than the first. */
export type Distances = readonly [number, number, number, number]

/** A setting with four distances, those of the levels 1 to 4. */
export const distancesOf = (setting: string): Distances => {
  const [away = 0, separated = 0, compartment = 0, longitudinally = 0] = setting
    .split(',')
    .map(Number)
  return [away, separated, compartment, longitudinally]
}

/** The four distances as a setting is written. */
export const distancesPattern = String.raw`^\d{1,3}(?:\.\d)?(?:,\d{1,3}(?:\.\d)?){3}$`

/** A container with dangerous goods, and the rectangle that it covers: metres within its area. */
export type Unit = {
  containerVisitId: string
  equipmentReference: string
  /** What lies in another area is far away: another block of a yard, another ship. */
  area: string
  /** The middle of the container: along the bays, and across. */
  x: number
  y: number
  length: number
  hazards: readonly string[]
}

/** Two containers that stand nearer than the rules allow, or for which the lists must be consulted. */
export type Conflict = {
  between: readonly [
    Pick<Unit, 'containerVisitId' | 'equipmentReference'>,
    Pick<Unit, 'containerVisitId' | 'equipmentReference'>,
  ]
  segregation: Segregation
  /** Metres between their sides, seen from above. */
  distance: number
  /** Metres that there must be. */
  required: number
}

/** Width of a container (ISO 668), metres. */
const width = 2.44

/** Length of a container by the first character of its size and type (ISO 6346), metres. */
export const lengthOf = (isoEquipmentCode: string): number => {
  const lengths: Readonly<Record<string, number>> = { '1': 2.99, '2': 6.06, '3': 9.13, '4': 12.19 }
  // Those with letters are 45′ or longer.
  return lengths[isoEquipmentCode.charAt(0)] ?? 16.15
}

/** Metres from one bay's number to the next, and from one row to the next, in a yard. */
const yardPitch = { bay: 6.5, row: 2.9 }

/** Where a slot of a yard lies. */
export const placeInYard = ({ bay, row }: { bay: number; row: number }) => ({
  x: bay * yardPitch.bay,
  y: row * yardPitch.row,
})

/**
 * Where a slot aboard lies (ISO 9711-1): bays are numbered in halves of 40′ from the bow; rows from the
 * middle, odd to starboard and even to port.
 */
export const placeAboard = ({ bay, row }: { bay: number; row: number }) => ({
  x: bay * 3.25,
  y: (row % 2 === 1 ? (row + 1) / 2 : -row / 2) * 2.5,
})

const gapBetween = (a: Unit, b: Unit): number =>
  Math.hypot(
    Math.max(0, Math.abs(a.x - b.x) - (a.length + b.length) / 2),
    Math.max(0, Math.abs(a.y - b.y) - width),
  )

/** What is wrong between two units, or null. */
const conflictBetween = (a: Unit, b: Unit, distances: Distances): Conflict | null => {
  const distance = gapBetween(a, b)
  const { apart, consult } = strictest(a.hazards, b.hazards)
  const required =
    apart === null ? 0 : (distances[segregationLevels.indexOf(apart.level as 1)] ?? 0)
  const between = [named(a), named(b)] as const
  if (apart !== null && distance < required) {
    return { between, segregation: apart, distance, required }
  }
  // Whose rule is in the goods list could be anything up to the first level and is asked for there.
  if (consult !== null && distance < distances[0]) {
    return { between, segregation: consult, distance, required: distances[0] }
  }
  return null
}

const named = ({ containerVisitId, equipmentReference }: Unit) => ({
  containerVisitId,
  equipmentReference,
})

const keyOf = (area: string, column: number, line: number): string => `${area}/${column}/${line}`

/** Cells of a grid by which neighbours are found; metres. */
const cellSize = (distances: Distances): number => Math.max(...distances) + 17

/**
 * Every conflict among some units. Each is compared with those of its own and the adjoining cells only,
 * so the work grows with the units and not with their square.
 *
 * @param of only the conflicts of this visit, when given
 */
export const conflictsAmong = (
  units: readonly Unit[],
  distances: Distances,
  of?: string,
): Conflict[] => {
  const size = cellSize(distances)
  const cells = new Map<string, Unit[]>()
  const conflicts: Conflict[] = []
  for (const unit of units) {
    const [column, line] = [Math.floor(unit.x / size), Math.floor(unit.y / size)]
    for (let dx = -1; dx <= 1; dx += 1) {
      for (let dy = -1; dy <= 1; dy += 1) {
        for (const other of cells.get(keyOf(unit.area, column + dx, line + dy)) ?? []) {
          if (of !== undefined && ![unit, other].some((each) => each.containerVisitId === of)) {
            continue
          }
          const conflict = conflictBetween(other, unit, distances)
          if (conflict) conflicts.push(conflict)
        }
      }
    }
    const key = keyOf(unit.area, column, line)
    const cell = cells.get(key)
    if (cell) cell.push(unit)
    else cells.set(key, [unit])
  }
  return conflicts
}
