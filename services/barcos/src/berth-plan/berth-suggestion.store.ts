import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { inLanguage, type Language } from '@porttrack/shared/http/language'
import { timeAt } from '@porttrack/shared/time/local-time'
import type { BarcosDatabase } from '../database.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import { misfits } from '../reservations/berth-fit.ts'
import { bollardsAround } from '../reservations/bollards.ts'
import type { Occupancy } from '../reservations/free-quay.ts'
import type { Margins } from '../reservations/margins.ts'
import {
  berthsAt,
  occupanciesOf,
  type OccupancyRow,
  type PlannedBerth,
} from '../reservations/occupancy.store.ts'
import { reservationErrors } from '../reservations/reservation.ts'
import { requireTakesReservations, shipOf } from '../reservations/reservation.store.ts'
import { bySoonest, noOpening, type Opening, soonestOpening, stayOf } from './berth-suggestion.ts'
import type { BerthSuggestions, SuggestionQuery } from './berth-suggestion.schema.ts'

type SuggestionStoreOptions = { database: BarcosDatabase; margins: Margins; timeZoneAt: TimeZoneAt }

type Judged = { berth: PlannedBerth; opening: Opening | null; reasons: Fault[] }

type Asked = { query: SuggestionQuery; visibility: Visibility; language: Language; now: Date }

/** Where and when the ship of a call could lie next, from all that is planned at its port. */
export const suggestionStore = ({ database, margins, timeZoneAt }: SuggestionStoreOptions) => ({
  /** @throws ProblemError 404, also for a call that the caller may not know of; 409 for one that takes no reservations; 422 */
  suggest: async (
    portCallId: string,
    { query, visibility, language, now }: Asked,
  ): Promise<BerthSuggestions> => {
    const call = await requireCall(database.client, portCallId, visibility)
    requireTakesReservations(call.state as PortCallState)
    const vessel = await database.client.vessel.findUniqueOrThrow({ where: { id: call.vesselId } })
    const { stay, faults } = stayOf(query, { eta: call.eta, etd: call.etd, now })
    if (faults.length > 0) {
      throw new ProblemError(reservationErrors.RESERVATION_INVALID, { errors: faults })
    }
    const ship = shipOf({ ...call, vessel })
    const berths = await berthsAt(database.sql, call.unLocationCode)
    const taken = await occupanciesOf(database.sql, {
      berthIds: berths.map(({ id }) => id),
      window: { from: stay.from, to: stay.until },
    })
    const rows = taken.filter(({ id }) => id !== query.insteadOf)
    const own = rows.filter((row) => row.portCallId === call.id)
    const byBerth = Map.groupBy(
      rows.filter((row) => row.portCallId !== call.id),
      ({ berthId }) => berthId,
    )
    const cargo = {
      dangerousGoodsClasses: query.dangerousGoodsClasses ?? [],
      reefers: query.reefers ?? 0,
    }
    const judged = berths.map((berth): Judged => {
      const fit = { ship, berth, cargo, margins, predictedTide: query.predictedTide ?? null }
      const reasons = misfits(fit)
      const { lengthOverall } = ship
      if (reasons.length > 0 || lengthOverall === null) return { berth, opening: null, reasons }
      const occupied = [...(byBerth.get(berth.id) ?? []), ...acrossQuay(own, berth)]
      const sought = { lengthOverall, quayLength: berth.quayLength, margins }
      const opening = soonestOpening(sought, occupied, stay)
      const until = timeAt(timeZoneAt(berth.UNLocationCode), stay.until)
      return { berth, opening, reasons: opening === null ? [noOpening(stay, until)] : [] }
    })
    const suggested = judged.flatMap(({ berth, opening }) =>
      opening === null ? [] : [{ berth, opening }],
    )
    return {
      from: stay.from.toISOString(),
      until: stay.until.toISOString(),
      hours: stay.milliseconds / 3_600_000,
      items: suggested
        .toSorted(bySoonest)
        .slice(0, query.limit ?? 10)
        .map((each) => suggestionOf(each, timeZoneAt(each.berth.UNLocationCode))),
      excluded: judged
        .filter(({ opening }) => opening === null)
        .map(({ berth, reasons }) => ({
          ...named(berth),
          reasons: reasons.map(({ code = '', detail }) => ({
            code,
            detail: inLanguage(detail, language),
          })),
        })),
    }
  },
})

/** The ship's other reservations: while it lies elsewhere it lies nowhere along this quay. */
const acrossQuay = (own: readonly OccupancyRow[], { quayLength }: PlannedBerth): Occupancy[] =>
  own.map(({ startsAt, endsAt }) => ({
    fromMetre: 0,
    toMetre: quayLength,
    startsAt,
    endsAt,
    lengthOverall: null,
  }))

const named = ({ id, code, name }: PlannedBerth) => ({
  berthId: id,
  berthCode: code,
  berthName: name,
})

const suggestionOf = (
  { berth, opening }: { berth: PlannedBerth; opening: Opening },
  timeZone: string,
): BerthSuggestions['items'][number] => ({
  ...named(berth),
  fromMetre: opening.fromMetre,
  toMetre: opening.toMetre,
  ...bollardsAround(berth.bollards, opening),
  startsAt: opening.startsAt.toISOString(),
  endsAt: opening.endsAt.toISOString(),
  startsAtLocal: timeAt(timeZone, opening.startsAt),
  endsAtLocal: timeAt(timeZone, opening.endsAt),
  leftover: opening.leftover,
  freeUntil: opening.freeUntil?.toISOString() ?? null,
})

export type SuggestionStore = ReturnType<typeof suggestionStore>
