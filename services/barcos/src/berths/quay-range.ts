import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { inMetres } from '../quantity.ts'

/** Where a bollard stands, in metres from the quay's zero mark. */
export type Bollard = { number: string; metre: number }

/** A stretch of a quay, in metres from its zero mark; half-open. */
export type Metres = { fromMetre: number; toMetre: number }

/** What a caller may say of a stretch: metres or bollards; what is left out is the quay's end. */
export type QuayRange = {
  fromMetre?: number | undefined
  toMetre?: number | undefined
  fromBollard?: string | undefined
  toBollard?: string | undefined
}

/** The parts of a berth that stretches of it are measured by. */
export type Quay = { quayLength: number; bollards: readonly Bollard[] }

/** Metres from the quay's zero mark to a bollard; null for one that the berth does not have. */
export const metreOfBollard = (bollards: readonly Bollard[], number: string): number | null =>
  bollards.find((bollard) => bollard.number === number)?.metre ?? null

/**
 * The stretch between two bollards, named in either order, or what is wrong with them. Pointers are
 * those of a body with `fromBollard` and `toBollard`.
 */
export const metresOfBollards = (
  { bollards }: Pick<Quay, 'bollards'>,
  { from, to }: { from: string; to: string },
): { metres: Metres } | { faults: Fault[] } => {
  const [start, end] = [metreOfBollard(bollards, from), metreOfBollard(bollards, to)]
  if (start === null || end === null) {
    return {
      faults: [
        ...(start === null ? [{ pointer: '#/fromBollard', detail: noSuchBollard(from) }] : []),
        ...(end === null ? [{ pointer: '#/toBollard', detail: noSuchBollard(to) }] : []),
      ],
    }
  }
  if (start === end) {
    const detail = {
      en: 'must be another bollard than fromBollard',
      es: 'debe ser otra bita que fromBollard',
    }
    return { faults: [{ pointer: '#/toBollard', detail }] }
  }
  return { metres: { fromMetre: Math.min(start, end), toMetre: Math.max(start, end) } }
}

const noSuchBollard = (number: string): Text => ({
  en: `the berth has no bollard ${number}`,
  es: `el atraque no tiene la bita ${number}`,
})

/** What contradicts itself in a stretch as it is named, whatever the quay. */
export const rangeFaults = ({ fromMetre, toMetre, fromBollard, toBollard }: QuayRange): Fault[] => {
  const faults: Fault[] = []
  const fault = (pointer: string, detail: Text) => faults.push({ pointer, detail })
  if (fromMetre !== undefined && toMetre !== undefined && toMetre <= fromMetre) {
    fault('#/toMetre', { en: 'must be greater than fromMetre', es: 'debe ser mayor que fromMetre' })
  }
  if (toBollard !== undefined && fromBollard === undefined) {
    fault('#/fromBollard', { en: 'is needed with toBollard', es: 'hace falta junto con toBollard' })
  }
  if (fromBollard !== undefined && toBollard === undefined) {
    fault('#/toBollard', {
      en: 'is needed with fromBollard',
      es: 'hace falta junto con fromBollard',
    })
  }
  if (
    (fromMetre !== undefined || toMetre !== undefined) &&
    (fromBollard !== undefined || toBollard !== undefined)
  ) {
    fault('#/fromBollard', {
      en: 'a place is given by metres or by bollards, not by both',
      es: 'el sitio se indica por metros o por bitas, no de ambas formas',
    })
  }
  return faults
}

/**
 * The stretch of a quay that a caller names, the whole quay when it names none, or everything that is
 * wrong with it.
 */
export const metresOfRange = (
  quay: Quay,
  range: QuayRange,
): { metres: Metres } | { faults: Fault[] } => {
  const { fromMetre, toMetre, fromBollard, toBollard } = range
  const contradictions = rangeFaults(range)
  if (contradictions.length > 0) return { faults: contradictions }
  if (fromBollard !== undefined && toBollard !== undefined) {
    return metresOfBollards(quay, { from: fromBollard, to: toBollard })
  }
  const metres = { fromMetre: fromMetre ?? 0, toMetre: toMetre ?? quay.quayLength }
  const faults = faultsOffQuay(quay, metres)
  return faults.length === 0 ? { metres } : { faults }
}

const faultsOffQuay = ({ quayLength }: Quay, { fromMetre, toMetre }: Metres): Fault[] => {
  const end = inMetres(quayLength)
  const detail = {
    en: `is beyond the end of the quay, at ${end.en}`,
    es: `queda más allá del final del muelle, a ${end.es}`,
  }
  if (toMetre > quayLength) return [{ pointer: '#/toMetre', detail }]
  return fromMetre < toMetre ? [] : [{ pointer: '#/fromMetre', detail }]
}
