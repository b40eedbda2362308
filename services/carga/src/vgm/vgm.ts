import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'

/** How a gross mass was verified (SOLAS VI/2): weighed packed, or the sum of contents and tare. */
export const vgmMethods = ['SM1', 'SM2'] as const

/** Kilograms in each unit of weight (DCSA); a pound is exactly 0.45359237 kg. */
const kilogramsIn = { KGM: 1, LBR: 0.453_592_37 } as const
export type WeightUnit = keyof typeof kilogramsIn
export const weightUnits = Object.keys(kilogramsIn) as WeightUnit[]

/** A declaration, as far as the rules need to know it; null for what it does not say. */
export type Declared = {
  weight: number | null
  weightUnit: WeightUnit | null
  method: (typeof vgmMethods)[number] | null
  determinedAt: Date | null
  responsibleParty: string | null
  signatory: string | null
}

/** What a container weighs empty and at most, kilograms. */
export type WeightLimits = { tareWeight: number; maximumGrossWeight: number }

const missing: Text = { en: 'is missing', es: 'falta' }

/**
 * What a declaration lacks or breaks (SOLAS VI/2 and MSC.1/Circ.1475): weight, method, time,
 * responsible party and signatory are needed, and tare < VGM ≤ maximum gross.
 *
 * @param limits of the container; null while its visit is not known
 */
export const vgmFaults = (declared: Declared, limits: WeightLimits | null): Fault[] => {
  const needed: [string, unknown][] = [
    ['#/weight', declared.weight],
    ['#/weight/unit', declared.weightUnit],
    ['#/method', declared.method],
    ['#/dateTime', declared.determinedAt],
    ['#/responsibleParty', declared.responsibleParty],
    ['#/authorizedPersonSignatory', declared.signatory],
  ]
  const faults = needed.flatMap(([pointer, value]): Fault[] =>
    value === null ? [{ pointer, detail: missing }] : [],
  )
  const { weight, weightUnit } = declared
  if (weight === null || weightUnit === null || limits === null) return faults
  const kilograms = weight * kilogramsIn[weightUnit]
  const { tareWeight: tare, maximumGrossWeight: most } = limits
  if (kilograms <= tare) {
    faults.push({
      pointer: '#/weight/value',
      detail: {
        en: `is not more than the tare weight of ${tare} kg`,
        es: `no supera la tara de ${tare} kg`,
      },
    })
  }
  if (kilograms > most) {
    faults.push({
      pointer: '#/weight/value',
      detail: {
        en: `is more than the maximum gross weight of ${most} kg`,
        es: `supera la masa bruta máxima de ${most} kg`,
      },
    })
  }
  return faults
}
