import type { Position } from './container-visit.schema.ts'

/** The columns that hold a position, in a visit and in an event. */
type PositionColumns = {
  positionIn: string | null
  block: string | null
  bay: string | null
  row: string | null
  tier: string | null
}

export const positionColumns = (position: Position | null): PositionColumns => {
  if (position === null) return { positionIn: null, block: null, bay: null, row: null, tier: null }
  return 'vessel' in position
    ? { positionIn: 'VESSEL', block: null, ...position.vessel }
    : { positionIn: 'YARD', ...position.yard }
}

export const positionOf = (columns: PositionColumns): Position | null => {
  const { positionIn, block, bay, row, tier } = columns
  if (bay === null || row === null || tier === null) return null
  if (positionIn === 'VESSEL') return { vessel: { bay, row, tier } }
  return block === null ? null : { yard: { block, bay, row, tier } }
}
