import { resolveEta } from '@porttrack/ais/eta'
import { defineErrors } from '@porttrack/shared/http/errors'
import type { Language, Text } from '@porttrack/shared/http/language'
import { listed } from '@porttrack/shared/http/language'
import { closedPassages, passageOf } from '../sea-routes/passage.ts'
import type { SeaRoute } from '../sea-routes/sea-route.schema.ts'
import { hoursUnderWay } from '../sea-routes/sea-route.ts'
import type { Fix } from '../targets/fix.ts'
import type { KnownTarget } from '../targets/target.ts'
import type { Comparison, EtaReason } from './eta.schema.ts'

export const etaErrors = defineErrors({
  POSITION_UNKNOWN: {
    status: 409,
    title: {
      en: 'No position of this target is known',
      es: 'No se conoce ninguna posición de este blanco',
    },
  },
  DESTINATION_UNKNOWN: {
    status: 422,
    title: { en: 'It is not known where the ship goes', es: 'No se sabe adónde va el barco' },
  },
})

const minute = 60_000
const hour = 60 * minute

/** Knots below which a ship is not on its way: it drifts, manoeuvres or lies still. */
const leastSpeed = 3

/** Milliseconds after which a position is pointed out as old. */
const oldPosition = hour

/**
 * The UN/LOCODE in a destination as typed in aboard (IMO SN/Circ.244): `NL RTM`, `NLRTM`, and after
 * where the ship comes from, `ES ALG>NL RTM`. Null for anything else.
 */
export const declaredPort = (destination: string | null): string | null => {
  const going = destination?.split('>').at(-1)?.trim() ?? ''
  const [, country, place] = /^([A-Z]{2}) ?([A-Z2-9]{3})$/.exec(going) ?? []
  return country !== undefined && place !== undefined ? country + place : null
}

type Given = {
  fix: Fix
  route: SeaRoute
  /** Knots that the caller asks to reckon with. */
  speed: number | undefined
  /** The destination as declared, when that is where the route ends. */
  declaredDestination: string | null
  now: number
}

/** What an estimate rests on, in words. */
export type Reason = { code: EtaReason; detail: Text }

/** The arrival of a ship that follows a route from its last fix, with what it rests on. */
export const estimateArrival = (
  given: Given,
): { speed: number | null; arrival: number | null; reasons: Reason[] } => {
  const { fix, route } = given
  const reasons: Reason[] = []
  const because = (code: EtaReason, detail: Text): void => {
    reasons.push({ code, detail })
  }

  const heard = new Date(fix.time).toISOString()
  const age = Math.round((given.now - fix.time) / minute)
  because('POSITION', { en: `position of ${heard}`, es: `posición de ${heard}` })
  if (given.now - fix.time > oldPosition) {
    because('POSITION_OLD', {
      en: `the position is ${age} minutes old`,
      es: `la posición tiene ${age} minutos`,
    })
  }
  if (given.declaredDestination !== null) {
    because('DESTINATION_DECLARED', {
      en: `destination as declared: ${given.declaredDestination}`,
      es: `destino declarado: ${given.declaredDestination}`,
    })
  }
  because('DISTANCE', distanceText(route))
  const kept = route.closed.filter((code) => !closedPassages.includes(code))
  if (kept.length > 0) {
    const names = (to: Language) =>
      listed(
        kept.map((code) => passageOf(code).name[to]),
        'and',
      )[to]
    because('PASSAGES_CLOSED', {
      en: `keeps out of: ${names('en')}`,
      es: `evita: ${names('es')}`,
    })
  }

  const speed = given.speed ?? fix.speed
  const still = given.speed === undefined ? notUnderWay(speed) : null
  if (still) because('NOT_UNDER_WAY', still)
  if (still || speed === null) return { speed: null, arrival: null, reasons }
  if (given.speed === undefined) {
    because('SPEED_OVER_GROUND', {
      en: `${speed.toFixed(1)} knots over ground at that position`,
      es: `${speed.toFixed(1)} nudos sobre el fondo en esa posición`,
    })
  } else {
    because('SPEED_GIVEN', { en: `${speed} knots as asked`, es: `${speed} nudos, como se pidió` })
  }
  const slowed = hoursUnderWay(route.legs, speed) - route.distance / speed
  if (slowed > 0.05) {
    because('CANAL_SPEED', {
      en: `${slowed.toFixed(1)} h more for the speed that canals allow, without time to wait for them`,
      es: `${slowed.toFixed(1)} h más por la velocidad que permiten los canales, sin el tiempo de espera`,
    })
  }
  const arrival = fix.time + hoursUnderWay(route.legs, speed) * hour
  return { speed, arrival: Math.round(arrival / minute) * minute, reasons }
}

const distanceText = ({ distance, passages }: SeaRoute): Text => {
  const by = (to: Language) =>
    listed(
      passages.map(({ code }) => passageOf(code).name[to]),
      'and',
    )[to]
  if (passages.length === 0) {
    return { en: `${distance} nautical miles by sea`, es: `${distance} millas náuticas por mar` }
  }
  return {
    en: `${distance} nautical miles by sea, through ${by('en')}`,
    es: `${distance} millas náuticas por mar, por ${by('es')}`,
  }
}

/** Why a ship of this speed over ground, in knots, is not on its way; null where it is. */
export const notUnderWay = (speed: number | null): Text | null => {
  if (speed === null) {
    return { en: 'the ship does not tell its speed', es: 'el barco no dice su velocidad' }
  }
  if (speed >= leastSpeed) return null
  return {
    en: `${speed.toFixed(1)} knots over ground: the ship is not on its way`,
    es: `${speed.toFixed(1)} nudos sobre el fondo: el barco no está en camino`,
  }
}

/** The arrival that a ship has declared, in milliseconds since 1970; null when it has declared none. */
export const declaredArrival = ({ eta, staticAt, receivedAt }: KnownTarget): number | null =>
  eta && (resolveEta(eta, new Date(staticAt ?? receivedAt))?.getTime() ?? null)

/** How an estimate stands to another time; both in milliseconds since 1970. */
export const compareArrival = (
  arrival: number,
  time: number,
  toleranceMinutes: number,
): Comparison => {
  const differenceMinutes = Math.round((arrival - time) / minute)
  const punctuality =
    differenceMinutes < -toleranceMinutes
      ? 'EARLY'
      : differenceMinutes > toleranceMinutes
        ? 'LATE'
        : 'ON_TIME'
  return { time: new Date(time).toISOString(), differenceMinutes, punctuality }
}
