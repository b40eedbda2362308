import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import { readableTimeAt } from '@porttrack/shared/time/local-time'
import ical from 'ical-generator'

/** A shift that someone is confirmed for. */
export type CalendarShift = {
  assignmentId: string
  version: number
  updatedAt: Date
  startsAt: Date
  endsAt: Date
  UNLocationCode: string
  place: string | null
  kindOfWork: string
  role: string | null
}

/**
 * The shifts of someone as a calendar (RFC 5545): an event for each, which keeps its UID whatever is
 * changed, and whose SEQUENCE grows with each change. Times are in UTC, which calendars show by their
 * own clock; the port's own stand in the description. Nobody is named.
 */
export const shiftCalendar = (
  shifts: readonly CalendarShift[],
  { language, timeZone }: { language: Language; timeZone: string },
): string => {
  const say = (text: Text): string => inLanguage(text, language)
  const calendar = ical({
    name: say({ en: 'Shifts', es: 'Turnos' }),
    prodId: { company: 'PortTrack', product: 'personal', language: language.toUpperCase() },
    ttl: 3_600,
  })
  for (const shift of shifts) {
    const { startsAt, endsAt, place, UNLocationCode, kindOfWork, role } = shift
    calendar.createEvent({
      id: `${shift.assignmentId}@personal.porttrack`,
      sequence: shift.version,
      stamp: shift.updatedAt,
      lastModified: shift.updatedAt,
      start: startsAt,
      end: endsAt,
      summary: role === null ? kindOfWork : `${kindOfWork}: ${role}`,
      location: [place, UNLocationCode].filter((part) => part !== null).join(', '),
      description: [startsAt, endsAt].map((time) => readableTimeAt(timeZone, time)).join(' – '),
    })
  }
  return calendar.toString()
}
