import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'

/** A declaration of dangerous goods in a container. */
export const dangerousGoodsLifecycle = defineLifecycle({
  of: 'dangerous goods declaration',
  states: {
    DECLARED: 'nobody has decided on the goods',
    ACCEPTED: 'the goods may be loaded',
    REJECTED: 'the goods may not be loaded',
  },
  actions: {
    accept: {
      from: ['DECLARED', 'REJECTED'],
      to: 'ACCEPTED',
      meaning: 'the goods are as declared',
    },
    reject: {
      from: ['DECLARED', 'ACCEPTED'],
      to: 'REJECTED',
      meaning: 'the goods are refused, with a reason',
    },
  },
})
export type DangerousGoodsAction = (typeof dangerousGoodsLifecycle.actionNames)[number]
export type DangerousGoodsState = (typeof dangerousGoodsLifecycle.stateNames)[number]

export const dangerousGoodsErrors = defineErrors({
  DANGEROUS_GOODS_STATE: {
    status: 409,
    title: {
      en: 'The declaration’s state does not allow this',
      es: 'El estado de la declaración no lo permite',
    },
  },
  DANGEROUS_GOODS_INVALID: {
    status: 422,
    title: {
      en: 'The declaration of dangerous goods breaks a rule',
      es: 'La declaración de mercancías peligrosas incumple una regla',
    },
  },
})

/** Classes whose goods have no packing group (IMDG 2.0.1.3). */
const ungrouped = /^(?:1|2|5\.2|6\.2|7)/

/** Which rules a declaration breaks. */
export const dangerousGoodsFaults = ({
  hazardClass,
  subsidiaryRisks,
  packingGroup = null,
}: {
  hazardClass: string
  subsidiaryRisks: readonly string[]
  packingGroup?: number | null
}): Fault[] => {
  const faults: Fault[] = []
  if (packingGroup !== null && ungrouped.test(hazardClass)) {
    faults.push({
      pointer: '#/packingGroup',
      detail: {
        en: `class ${hazardClass} has no packing group`,
        es: `la clase ${hazardClass} no tiene grupo de embalaje`,
      },
    })
  }
  subsidiaryRisks.forEach((risk, index) => {
    if (risk === hazardClass) {
      faults.push({
        pointer: `#/subsidiaryRisks/${index}`,
        detail: { en: 'is the primary hazard', es: 'es el peligro principal' },
      })
    }
  })
  return faults
}
