import type { Fault } from '@porttrack/shared/http/problem'
import { type Asked, unmetConditions } from './assignment.ts'
import { fillPositions } from './filling.ts'
import { isFit, type Standing } from './standing.ts'

/**
 * Gives each member of a gang an open position of their own, whoever stands earlier the earlier one as
 * far as everyone can be placed.
 *
 * @param open what the open positions ask for
 * @returns the index of the position that each member takes; or, where someone finds none, why: for each
 *   of them the conditions that are not met for the position that comes nearest
 */
export const placeGang = (
  members: readonly Standing[],
  open: readonly Asked[],
): { places: number[] } | { faults: Fault[] } => {
  const choices = members.map((member) =>
    open.flatMap((asked, index) => (isFit(member, asked) ? [String(index)] : [])),
  )
  const places = fillPositions(choices)
  const faults = members.flatMap((member, n) =>
    places[n] === null ? notPlaced(member, n, open) : [],
  )
  return faults.length > 0 ? { faults } : { places: places.map(Number) }
}

const notPlaced = ({ candidate, faults }: Standing, n: number, open: readonly Asked[]): Fault[] => {
  const [nearest = faults] = open
    .map((asked) => unmetConditions(candidate, asked, faults))
    .toSorted((a, b) => a.length - b.length)
  const unmet = nearest.length > 0 ? nearest : [noPosition]
  return unmet.map((fault) => ({ ...fault, pointer: `#/members/${n}` }))
}

const noPosition: Fault = {
  pointer: '',
  code: 'POSITION_LEFT',
  detail: {
    en: 'finds no open position that no other of the gang takes',
    es: 'no encuentra un puesto libre que no ocupe otra persona de la mano',
  },
}
