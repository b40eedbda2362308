import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { geometryFaults, type Geometry } from '../places/geometry.ts'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'

/** Where a ship waits, and where the pilot comes aboard. */
export const approachPlaceKinds = ['ANCHORAGE', 'PILOT_BOARDING_PLACE'] as const
export type ApproachPlaceKind = (typeof approachPlaceKinds)[number]

export const approachPlaceErrors = defineErrors({
  APPROACH_PLACE_INVALID: {
    status: 422,
    title: {
      en: 'The anchorage or pilot boarding place breaks a rule',
      es: 'El fondeadero o punto de embarque de prácticos incumple una regla',
    },
  },
  APPROACH_PLACE_EXISTS: {
    status: 409,
    title: {
      en: 'The port has such a place with this code already',
      es: 'El puerto ya tiene un lugar así con este código',
    },
  },
  APPROACH_PLACE_FIXED: {
    status: 409,
    title: {
      en: 'The place stays at the port it was made for',
      es: 'El lugar no cambia de puerto',
    },
  },
  APPROACH_PLACE_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The place’s state does not allow this',
      es: 'El estado del lugar no lo permite',
    },
  },
})

/** Whether ships can be sent to an anchorage or pilot boarding place. */
export const approachPlaceLifecycle = defineLifecycle({
  of: 'anchorage or pilot boarding place',
  states: {
    OPEN: 'ships can be sent there',
    CLOSED: 'no ship is sent there, until it is opened again',
  },
  actions: {
    close: { from: ['OPEN'], to: 'CLOSED', meaning: 'take it out of use, with a reason' },
    open: { from: ['CLOSED'], to: 'OPEN', meaning: 'take it into use again' },
  },
})
export type ApproachPlaceAction = (typeof approachPlaceLifecycle.actionNames)[number]

/**
 * Whether a channel is one of the maritime VHF band that people speak on (ITU Radio Regulations,
 * Appendix 18; four digits for one side of a duplex channel, ITU-R M.1084). 70 is for digital
 * selective calling only, 2087 and 2088 are those of AIS.
 */
export const isVoiceChannel = (channel: number): boolean => {
  const base = channel > 1_000 ? channel % 1_000 : channel
  const known = (base >= 1 && base <= 28) || (base >= 60 && base <= 88)
  return known && base !== 70 && channel < 3_000 && channel !== 2_087 && channel !== 2_088
}

type Particulars = {
  UNLocationCode: string
  geometry: Exclude<Geometry, { type: 'LineString' }>
  radiusMetres?: number | undefined
  VHFChannel?: number | undefined
}

/**
 * Everything that breaks a rule in an anchorage or pilot boarding place. A ship anchors in an area, so
 * that a point needs the radius of a circle there; a pilot may board at a point.
 */
export const approachPlaceFaults = (
  kind: ApproachPlaceKind,
  { UNLocationCode, geometry, radiusMetres, VHFChannel }: Particulars,
): Fault[] => {
  const place = unLocationCodeFault(UNLocationCode)
  return [
    ...(place === null ? [] : [{ pointer: '#/UNLocationCode', detail: place }]),
    ...geometryFaults(geometry, '#/geometry'),
    ...(kind === 'ANCHORAGE' && geometry.type === 'Point' && radiusMetres === undefined
      ? [
          {
            pointer: '#/radiusMetres',
            detail: {
              en: 'is needed with a point: an anchorage is an area',
              es: 'es necesario con un punto: un fondeadero es un área',
            },
          },
        ]
      : []),
    ...(geometry.type === 'Polygon' && radiusMetres !== undefined
      ? [
          {
            pointer: '#/radiusMetres',
            detail: {
              en: 'is only for a point, the centre of a circle',
              es: 'solo sirve para un punto, el centro de un círculo',
            },
          },
        ]
      : []),
    ...(VHFChannel === undefined || isVoiceChannel(VHFChannel)
      ? []
      : [
          {
            pointer: '#/VHFChannel',
            detail: {
              en: 'must be a maritime VHF channel for voice, such as 9 or 74',
              es: 'debe ser un canal de VHF marino para voz, como 9 o 74',
            },
          },
        ]),
  ]
}
