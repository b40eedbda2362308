import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'

export const yardErrors = defineErrors({
  PLACE_REFUSED: {
    status: 409,
    title: {
      en: 'The container cannot stand there, or cannot be taken away',
      es: 'El contenedor no puede estar ahí, o no se puede retirar',
    },
  },
  YARD_BLOCK_EXISTS: {
    status: 409,
    title: { en: 'The block exists already', es: 'El bloque ya existe' },
  },
  YARD_BLOCK_IN_USE: {
    status: 409,
    title: { en: 'Containers stand in the block', es: 'Hay contenedores en el bloque' },
  },
})

/** What a place must be for a container to stand there, each held by a constraint of the database. */
export const placeConditions = defineConditions({
  SLOT_EXISTS: 'the yard has this slot, and the stack is as high',
  SLOT_FREE: 'no other container stands there, ashore or aboard',
  SLOT_SUPPORTED: 'it stands on the ground or on another container',
  SLOT_HAS_PLUG: 'a container that keeps a temperature has a plug',
  NOTHING_ABOVE: 'nothing stands on the container in the place that it leaves',
})
type PlaceCondition = keyof typeof placeConditions

/** What is asked of a place besides; it rests on distances that are settings. */
export const neighbourConditions = defineConditions({
  SLOT_SEGREGATED:
    'goods in it are as far from those around it as IMDG asks, or someone who may has said why they are not',
})

/** Which condition each constraint holds. */
export const conditionOf: Readonly<Record<string, PlaceCondition>> = {
  yard_place_slot: 'SLOT_FREE',
  stowage_place_slot: 'SLOT_FREE',
  yard_place_height: 'SLOT_EXISTS',
  yard_place_stack: 'SLOT_EXISTS',
  yard_place_plug: 'SLOT_HAS_PLUG',
  yard_place_support: 'SLOT_SUPPORTED',
}

/** What is known of the slot that a container goes to, and of the one that it leaves. */
export type Place = {
  /** How high its stack is and whether it has a plug; null where the yard has no such stack. */
  stack: { tiers: number; hasPlug: boolean } | null
  tier: number
  needsPlug: boolean
  /** Containers in the slot, in the one below, and on the one that is left; null for none. */
  occupant: string | null
  below: string | null
}

const unmet = (code: PlaceCondition, met: boolean, detail: Text): Fault[] =>
  met ? [] : [{ pointer: '#/position', code, detail }]

/** What keeps a container from a slot of the yard. */
export const placeFaults = ({ stack, tier, needsPlug, occupant, below }: Place): Fault[] => {
  if (stack === null || tier < 1 || tier > stack.tiers) {
    return unmet('SLOT_EXISTS', false, {
      en: 'the yard has no such slot',
      es: 'el patio no tiene esa posición',
    })
  }
  return [
    ...unmet('SLOT_FREE', occupant === null, {
      en: `${occupant} stands there`,
      es: `${occupant} está ahí`,
    }),
    ...unmet('SLOT_SUPPORTED', tier === 1 || below !== null, {
      en: 'nothing stands below',
      es: 'no hay nada debajo',
    }),
    ...unmet('SLOT_HAS_PLUG', !needsPlug || stack.hasPlug, {
      en: 'the slot has no plug',
      es: 'la posición no tiene toma de corriente',
    }),
  ]
}

/** What its goods and those around a slot of the yard say against it. */
export const segregationFault = (detail: Text): Fault => ({
  pointer: '#/position',
  code: 'SLOT_SEGREGATED' satisfies keyof typeof neighbourConditions,
  detail,
})

/** What keeps a container in its slot. */
export const leavingFault = (above: string | null): Fault[] =>
  unmet('NOTHING_ABOVE', above === null, {
    en: `${above} stands on it`,
    es: `${above} está encima`,
  })

/** What keeps a container from a slot aboard. */
export const stowageFault = (occupant: string | null): Fault[] =>
  unmet('SLOT_FREE', occupant === null, {
    en: `${occupant} is stowed there`,
    es: `${occupant} está estibado ahí`,
  })
