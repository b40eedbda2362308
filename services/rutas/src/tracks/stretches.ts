import type { TrackPosition } from '../targets/target.schema.ts'
import { simplifiedLine } from './simplify.ts'

/** Positions of a piece at most: what is held in memory of a track, however long it is. */
const mostInPiece = 1_000

/** A part of a track without a gap. */
export type TrackPiece = {
  /** Number of the stretch between two gaps, from 0. */
  stretch: number
  /** Whether it goes on where the piece before ended, whose last position is its first. */
  continues: boolean
  positions: readonly TrackPosition[]
}

export type TrackCut = {
  /** A track is broken where nothing was heard for longer, in milliseconds. */
  gap: number
  /** How far, in metres, what is drawn may lie from what was heard; 0 keeps every position. */
  toleranceMetres: number
}

/**
 * Cuts a track at its gaps and simplifies what lies between, piece by piece: the end of each piece is
 * kept, so that the pieces join.
 */
export async function* piecesOf(
  positions: AsyncIterable<TrackPosition>,
  { gap, toleranceMetres }: TrackCut,
): AsyncGenerator<TrackPiece> {
  let held: TrackPosition[] = []
  let stretch = 0
  let continues = false
  const piece = (): TrackPiece[] => {
    if (held.length <= (continues ? 1 : 0)) return []
    return [{ stretch, continues, positions: simplified(held, toleranceMetres) }]
  }
  for await (const position of positions) {
    const last = held.at(-1)
    if (last && Date.parse(position.time) - Date.parse(last.time) > gap) {
      yield* piece()
      held = []
      continues = false
      stretch += 1
    }
    held.push(position)
    if (held.length < mostInPiece) continue
    yield* piece()
    held = [position]
    continues = true
  }
  yield* piece()
}

const simplified = (
  positions: readonly TrackPosition[],
  toleranceMetres: number,
): readonly TrackPosition[] => {
  if (toleranceMetres === 0) return positions
  const kept = simplifiedLine(
    positions.map(({ position }) => position),
    toleranceMetres,
  )
  return kept.flatMap((n) => positions[n] ?? [])
}
