import { clockOf, dateAt, daysAt, type TimeWindow } from '@porttrack/shared/time/local-time'
import type { BarcosDatabase } from '../database.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { knows, type Visibility } from '../port-calls/visibility.ts'
import { laterMisfits } from '../reservations/berth-fit.ts'
import { bollardsAround } from '../reservations/bollards.ts'
import type { Margins } from '../reservations/margins.ts'
import {
  berthsAt,
  occupanciesOf,
  type OccupancyRow,
  type PlannedBerth,
} from '../reservations/occupancy.store.ts'
import type { BerthPlan, BerthPlanQuery } from './berth-plan.schema.ts'

type PlanStoreOptions = { database: BarcosDatabase; margins: Margins; timeZoneAt: TimeZoneAt }

/** Tells an instant as the port's clock shows it. */
type Clock = ReturnType<typeof clockOf>

type Berth = BerthPlan['berths'][number]
type Reservation = Berth['reservations'][number]

/** The berth plan of a port: two statements, however many berths and ships there are. */
export const berthPlanStore = ({ database, margins, timeZoneAt }: PlanStoreOptions) => ({
  /** What is planned at every berth of a port on some of its days. */
  plan: async (
    query: BerthPlanQuery,
    { visibility, now }: { visibility: Visibility; now: Date },
  ): Promise<BerthPlan> => {
    const { UNLocationCode, days = 1 } = query
    const timeZone = timeZoneAt(UNLocationCode)
    const date = query.date ?? dateAt(timeZone, now)
    const window: TimeWindow = daysAt(timeZone, date, days)
    const clock = clockOf(timeZone)
    const berths = await berthsAt(database.sql, UNLocationCode)
    const rows = await occupanciesOf(database.sql, {
      berthIds: berths.map(({ id }) => id),
      window,
    })
    const byBerth = Map.groupBy(rows, ({ berthId }) => berthId)
    return {
      UNLocationCode,
      timeZone,
      date,
      days,
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      fromLocal: clock(window.from),
      toLocal: clock(window.to),
      berths: berths.map((berth) => {
        const taken = byBerth.get(berth.id) ?? []
        const windowed = (row: OccupancyRow) => windowOf(row, { berth, clock })
        return {
          id: berth.id,
          code: berth.code,
          name: berth.name,
          state: berth.state,
          stateReason: berth.stateReason,
          quayLength: berth.quayLength,
          depth: berth.depth,
          reservations: taken
            .filter(({ kind }) => kind === 'RESERVATION')
            .map((row) => ({
              ...windowed(row),
              ...shipOf(row, { visibility, clock }),
              misfits: misfitsOf(row, { berth, margins }),
              overdue: row.overdue,
            })),
          blocks: taken
            .filter(({ kind }) => kind === 'BLOCK')
            .map((row) => ({ ...windowed(row), reason: row.reason ?? '' })),
        }
      }),
    }
  },
})

/** Codes of the conditions that a ship that is still to come, or lies there, has come to break. */
const misfitsOf = (
  { ship, alongsideTo, ...row }: OccupancyRow,
  { berth, margins }: { berth: PlannedBerth; margins: Margins },
): string[] => {
  if (ship === null || alongsideTo !== null) return []
  const { predictedTide } = row
  const faults = laterMisfits({ ship, berth, cargo: row, margins, predictedTide, hull: row })
  return faults.flatMap(({ code }) => code ?? [])
}

const windowOf = (
  row: OccupancyRow,
  { berth, clock }: { berth: PlannedBerth; clock: Clock },
): Omit<Berth['blocks'][number], 'reason'> => ({
  id: row.id,
  fromMetre: row.fromMetre,
  toMetre: row.toMetre,
  ...bollardsAround(berth.bollards, row),
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  startsAtLocal: clock(row.startsAt),
  endsAtLocal: clock(row.endsAt),
  version: row.version,
  updatedAt: row.updatedAt.toISOString(),
})

type Ship = Omit<Reservation, keyof ReturnType<typeof windowOf> | 'overdue' | 'misfits'>

/** Whose ship it is and what it does there, where the caller may know that. */
const shipOf = (
  row: OccupancyRow,
  { visibility, clock }: { visibility: Visibility; clock: Clock },
): Ship => {
  if (!knows(visibility, row.knownTo)) return unknownShip
  const local = (instant: Date | null) => (instant === null ? null : clock(instant))
  return {
    portCallId: row.portCallId,
    portCallState: row.portCallState,
    vesselName: row.vesselName,
    vesselIMONumber: row.vesselIMONumber,
    lengthOverall: row.lengthOverall,
    sideAlongside: row.sideAlongside,
    alongsideFrom: row.alongsideFrom?.toISOString() ?? null,
    alongsideTo: row.alongsideTo?.toISOString() ?? null,
    alongsideFromLocal: local(row.alongsideFrom),
    alongsideToLocal: local(row.alongsideTo),
  }
}

const unknownShip: Ship = {
  portCallId: null,
  portCallState: null,
  vesselName: null,
  vesselIMONumber: null,
  lengthOverall: null,
  sideAlongside: null,
  alongsideFrom: null,
  alongsideTo: null,
  alongsideFromLocal: null,
  alongsideToLocal: null,
}

export type BerthPlanStore = ReturnType<typeof berthPlanStore>
