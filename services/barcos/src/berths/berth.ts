import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions, defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { timeAt } from '@porttrack/shared/time/local-time'
import { geometryFaults, type Geometry } from '../places/geometry.ts'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { inMetres } from '../quantity.ts'
import type { Metres, Quay } from './quay-range.ts'

export const berthErrors = defineErrors({
  BERTH_INVALID: {
    status: 422,
    title: { en: 'The berth breaks a rule', es: 'El atraque incumple una regla' },
  },
  BERTH_EXISTS: {
    status: 409,
    title: {
      en: 'The port has a berth with this code already',
      es: 'El puerto ya tiene un atraque con este código',
    },
  },
  BERTH_PLACE_FIXED: {
    status: 409,
    title: {
      en: 'A berth stays at the port it was made for',
      es: 'Un atraque no cambia de puerto',
    },
  },
  BERTH_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The berth’s state does not allow this',
      es: 'El estado del atraque no lo permite',
    },
  },
  BERTH_RESERVED: {
    status: 409,
    title: {
      en: 'Reservations of the berth stand in the way',
      es: 'Hay reservas del atraque que lo impiden',
    },
  },
  BERTH_IN_USE: {
    status: 409,
    title: {
      en: 'A berth that was ever reserved or blocked is kept',
      es: 'Un atraque que alguna vez se reservó o se bloqueó se conserva',
    },
  },
})

/** Whether ships can be sent to a berth. */
export const berthLifecycle = defineLifecycle({
  of: 'berth',
  states: {
    OPEN: 'ships can be planned to it',
    CLOSED: 'no ship can be planned to it, until it is opened again',
  },
  actions: {
    close: {
      from: ['OPEN'],
      to: 'CLOSED',
      meaning: 'take it out of use, with a reason',
      conditions: ['BERTH_FREE_OF_RESERVATIONS'],
    },
    open: { from: ['CLOSED'], to: 'OPEN', meaning: 'take it into use again' },
  },
})

export type BerthAction = (typeof berthLifecycle.actionNames)[number]

/** What must hold for a berth to be taken out of use or changed. */
export const berthConditions = defineConditions({
  BERTH_FREE_OF_RESERVATIONS:
    'no ship lies at the berth or is still planned to it; `force` closes it all the same',
  QUAY_COVERS_RESERVATIONS:
    'the quay reaches as far as every ship that lies there or is still planned to it',
  BLOCK_CLEAR_OF_RESERVATIONS:
    'no ship lies or is planned on the metres of the block within its window',
})
type BerthCondition = keyof typeof berthConditions

/** Classes and divisions of dangerous goods (IMDG Code, chapter 2.0). */
export const dangerousGoodsClasses = [
  '1.1',
  '1.2',
  '1.3',
  '1.4',
  '1.5',
  '1.6',
  '2.1',
  '2.2',
  '2.3',
  '3',
  '4.1',
  '4.2',
  '4.3',
  '5.1',
  '5.2',
  '6.1',
  '6.2',
  '7',
  '8',
  '9',
] as const

/** Lists of codes of facilities that DCSA knows (`facilityCodeListProvider`). */
export const facilityCodeListProviders = ['SMDG', 'BIC'] as const

/** A port call's claim to metres of a quay, half-open in metres and time. */
export type Reserved = Metres & {
  id: string
  berthId: string
  portCallId: string
  vesselName: string
  startsAt: Date
  endsAt: Date
}

/**
 * Names the reservations that a condition is not met for: for people in words, for programs by their
 * properties.
 *
 * @param place.pointer what of the request they stand in the way of
 * @param place.timeZone the port's
 */
export const reservationFaults = (
  reserved: readonly Reserved[],
  code: BerthCondition,
  place: { pointer: string; timeZone: string },
): Fault[] =>
  reserved.map(({ vesselName, startsAt, endsAt, ...reservation }) => {
    const [first, last] = [inMetres(reservation.fromMetre), inMetres(reservation.toMetre)]
    const [start, end] = [timeAt(place.timeZone, startsAt), timeAt(place.timeZone, endsAt)]
    return {
      pointer: place.pointer,
      code,
      detail: {
        en: `${first.en} to ${last.en} is reserved for ${vesselName} from ${start} to ${end}`,
        es: `de ${first.es} a ${last.es} está reservado para ${vesselName} de ${start} a ${end}`,
      },
      conflictsWith: {
        kind: 'RESERVATION',
        ...reservation,
        startsAt: startsAt.toISOString(),
        endsAt: endsAt.toISOString(),
      },
    }
  })

type Particulars = Quay & {
  UNLocationCode: string
  facilityCode?: string | undefined
  facilityCodeListProvider?: string | undefined
  geometry?: Geometry | undefined
}

/** Everything that breaks a rule in a berth, with its place. */
export const berthFaults = (berth: Particulars): Fault[] => {
  const place = unLocationCodeFault(berth.UNLocationCode)
  const { facilityCode, facilityCodeListProvider, geometry } = berth
  return [
    ...(place === null ? [] : [{ pointer: '#/UNLocationCode', detail: place }]),
    ...(facilityCode !== undefined && facilityCodeListProvider === undefined
      ? [
          {
            pointer: '#/facilityCodeListProvider',
            detail: {
              en: 'is needed: it says whose facility code this is',
              es: 'es necesario: dice de quién es el código de instalación',
            },
          },
        ]
      : []),
    ...(facilityCode === undefined && facilityCodeListProvider !== undefined
      ? [
          {
            pointer: '#/facilityCode',
            detail: {
              en: 'is needed where its list provider is given',
              es: 'es necesario si se indica el proveedor de la lista',
            },
          },
        ]
      : []),
    ...bollardFaults(berth),
    ...(geometry === undefined ? [] : geometryFaults(geometry, '#/geometry')),
  ]
}

const bollardFaults = ({ bollards, quayLength }: Quay): Fault[] => {
  const numbers = bollards.map(({ number }) => number)
  return bollards.flatMap(({ number, metre }, index) => {
    const before = bollards[index - 1]
    const pointer = `#/bollards/${index}`
    return [
      ...(numbers.indexOf(number) < index
        ? [
            {
              pointer: `${pointer}/number`,
              detail: {
                en: `${number} is another bollard’s number already`,
                es: `${number} ya es el número de otra bita`,
              },
            },
          ]
        : []),
      ...(metre > quayLength
        ? [
            {
              pointer: `${pointer}/metre`,
              detail: {
                en: `is beyond the end of the quay, at ${inMetres(quayLength).en}`,
                es: `queda más allá del final del muelle, a ${inMetres(quayLength).es}`,
              },
            },
          ]
        : []),
      ...(before !== undefined && metre <= before.metre
        ? [
            {
              pointer: `${pointer}/metre`,
              detail: {
                en: `must be greater than that of the bollard before, ${inMetres(before.metre).en}`,
                es: `debe ser mayor que el de la bita anterior, ${inMetres(before.metre).es}`,
              },
            },
          ]
        : []),
    ]
  })
}
