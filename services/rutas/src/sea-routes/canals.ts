import type { Place } from '../geography/geodesy.ts'
import { type PassageCode, passageCodes, passageOf } from './passage.ts'
import { cellAt } from './sea-chart.ts'

/** The cells of each canal's fairway, with the canal. */
const canalCells: ReadonlyMap<number, PassageCode> = new Map(
  passageCodes.flatMap((code) => {
    const { fairway = [], canal } = passageOf(code)
    if (!canal) return []
    return fairway
      .slice(canal.first, canal.last + 1)
      .map(([lon, lat]) => [cellAt({ lat, lon }), code] as const)
  }),
)

/** The canal that a place of a way lies in, at a point of its fairway. */
export const canalAt = (place: Place): PassageCode | undefined => canalCells.get(cellAt(place))
