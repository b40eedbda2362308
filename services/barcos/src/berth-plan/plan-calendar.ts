import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import ical from 'ical-generator'
import { inMetres } from '../quantity.ts'
import type { BerthPlan } from './berth-plan.schema.ts'

type Berth = BerthPlan['berths'][number]
type Reservation = Berth['reservations'][number]
type Block = Berth['blocks'][number]

/**
 * The plan as a calendar (RFC 5545): an event for each reservation and block, which keeps its UID
 * whatever is changed, and whose SEQUENCE grows with each change. Times are in UTC, which calendars
 * show by their own clock; the port's own stand in the description.
 */
export const planCalendar = (plan: BerthPlan, language: Language): string => {
  const say = (text: Text): string => inLanguage(text, language)
  const calendar = ical({
    name: say({
      en: `Berth plan of ${plan.UNLocationCode}`,
      es: `Plan de atraques de ${plan.UNLocationCode}`,
    }),
    prodId: { company: 'PortTrack', product: 'barcos', language: language.toUpperCase() },
  })
  for (const berth of plan.berths) {
    for (const reservation of berth.reservations) {
      calendar.createEvent({
        ...eventOf(reservation),
        summary: `${reservation.vesselName ?? say(reservedForOthers)}: ${berth.code}`,
        location: `${berth.name}, ${plan.UNLocationCode}`,
        description: reservationLines(reservation).map(say).join('\n'),
      })
    }
    for (const block of berth.blocks) {
      calendar.createEvent({
        ...eventOf(block),
        summary: `${say({ en: 'Blocked', es: 'Bloqueado' })}: ${berth.code}`,
        location: `${berth.name}, ${plan.UNLocationCode}`,
        description: [...placeLines(block), same(block.reason)].map(say).join('\n'),
      })
    }
  }
  return calendar.toString()
}

const reservedForOthers: Text = { en: 'Reserved', es: 'Reservado' }

const same = (words: string): Text => ({ en: words, es: words })

const eventOf = ({ id, version, updatedAt, startsAt, endsAt }: Reservation | Block) => ({
  id: `${id}@barcos.porttrack`,
  sequence: version,
  stamp: new Date(updatedAt),
  lastModified: new Date(updatedAt),
  start: new Date(startsAt),
  end: new Date(endsAt),
})

const placeLines = (place: Reservation | Block): Text[] => {
  const [from, to] = [inMetres(place.fromMetre), inMetres(place.toMetre)]
  const { fromBollard, toBollard } = place
  return [
    { en: `${from.en} to ${to.en}`, es: `De ${from.es} a ${to.es}` },
    ...(fromBollard === null || toBollard === null
      ? []
      : [
          {
            en: `Bollards ${fromBollard} to ${toBollard}`,
            es: `Bitas ${fromBollard} a ${toBollard}`,
          },
        ]),
    same(`${place.startsAtLocal} – ${place.endsAtLocal}`),
  ]
}

const reservationLines = (reservation: Reservation): Text[] => {
  const { vesselIMONumber, portCallState, alongsideFromLocal, alongsideToLocal } = reservation
  return [
    ...placeLines(reservation),
    ...(vesselIMONumber === null ? [] : [same(`IMO ${vesselIMONumber}`)]),
    ...(portCallState === null
      ? []
      : [{ en: `Port call ${portCallState}`, es: `Escala ${portCallState}` }]),
    ...(alongsideFromLocal === null
      ? []
      : [
          {
            en: `Alongside since ${alongsideFromLocal}`,
            es: `Atracado desde ${alongsideFromLocal}`,
          },
        ]),
    ...(alongsideToLocal === null
      ? []
      : [{ en: `Left at ${alongsideToLocal}`, es: `Desatracado ${alongsideToLocal}` }]),
  ]
}
