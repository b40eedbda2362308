import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { BerthPlan } from './berth-plan.schema.ts'

type Berth = BerthPlan['berths'][number]
type Reservation = Berth['reservations'][number]
type Block = Berth['blocks'][number]

/** A line of the plan as a table: what takes up metres of a berth, or a berth where nothing does. */
type PlanLine = { berth: Berth; reservation?: Reservation; block?: Block }

/** The plan as a table: by berth, and within it by the beginning of the window. */
export const planLines = function* ({ berths }: BerthPlan): Generator<PlanLine> {
  for (const berth of berths) {
    const lines: PlanLine[] = [
      ...berth.reservations.map((reservation) => ({ berth, reservation })),
      ...berth.blocks.map((block) => ({ berth, block })),
    ]
    if (lines.length === 0) yield { berth }
    else yield* lines.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1))
  }
}

const startOf = ({ reservation, block }: PlanLine): string => (reservation ?? block)?.startsAt ?? ''

const taken = ({ reservation, block }: PlanLine) => reservation ?? block

/** Times are in UTC, and as the port's own clock shows them. */
export const planColumns: CsvColumn<PlanLine>[] = [
  { name: 'berthCode', value: ({ berth }) => berth.code },
  { name: 'berthName', value: ({ berth }) => berth.name },
  { name: 'berthState', value: ({ berth }) => berth.state },
  {
    name: 'kind',
    value: ({ reservation, block }) => {
      if (reservation) return 'RESERVATION'
      return block && 'BLOCK'
    },
  },
  { name: 'vesselName', value: ({ reservation }) => reservation?.vesselName },
  { name: 'vesselIMONumber', value: ({ reservation }) => reservation?.vesselIMONumber },
  { name: 'portCallState', value: ({ reservation }) => reservation?.portCallState },
  { name: 'fromMetre', value: (line) => taken(line)?.fromMetre },
  { name: 'toMetre', value: (line) => taken(line)?.toMetre },
  { name: 'fromBollard', value: (line) => taken(line)?.fromBollard },
  { name: 'toBollard', value: (line) => taken(line)?.toBollard },
  { name: 'startsAt', value: (line) => taken(line)?.startsAt },
  { name: 'endsAt', value: (line) => taken(line)?.endsAt },
  { name: 'startsAtLocal', value: (line) => taken(line)?.startsAtLocal },
  { name: 'endsAtLocal', value: (line) => taken(line)?.endsAtLocal },
  { name: 'sideAlongside', value: ({ reservation }) => reservation?.sideAlongside },
  { name: 'alongsideFrom', value: ({ reservation }) => reservation?.alongsideFrom },
  { name: 'alongsideTo', value: ({ reservation }) => reservation?.alongsideTo },
  { name: 'alongsideFromLocal', value: ({ reservation }) => reservation?.alongsideFromLocal },
  { name: 'alongsideToLocal', value: ({ reservation }) => reservation?.alongsideToLocal },
  { name: 'reason', value: ({ block }) => block?.reason },
  { name: 'id', value: (line) => taken(line)?.id },
]
