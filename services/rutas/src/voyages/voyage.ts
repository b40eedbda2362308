import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import type { ScheduledCall } from './journey.ts'

export const voyageErrors = defineErrors({
  VOYAGE_INVALID: {
    status: 422,
    title: { en: 'The voyage breaks a rule', es: 'El viaje incumple una regla' },
  },
  VOYAGE_ENDED: {
    status: 409,
    title: {
      en: 'The voyage has ended and takes no other schedule',
      es: 'El viaje ha terminado y no admite otro programa',
    },
  },
  VOYAGE_STARTED: {
    status: 409,
    title: {
      en: 'Something has happened on this voyage: cancel it instead',
      es: 'Ya ha ocurrido algo en este viaje: cancélelo',
    },
  },
  REPORT_NOT_RETRACTABLE: {
    status: 409,
    title: {
      en: 'Only arrivals and departures that count can be retracted',
      es: 'Solo se pueden retirar llegadas y salidas que cuentan',
    },
  },
})

/** What a voyage goes through. What is seen of the ship moves it, and the schedule's last call ends it. */
export const voyageLifecycle = defineLifecycle({
  of: 'voyage',
  states: {
    PLANNED: 'the ship has not left the first call of the schedule',
    UNDERWAY: 'the ship is between two calls',
    IN_PORT: 'the ship is at a call after the first',
    COMPLETED: 'the ship has left the last call that is made',
    CANCELLED: 'the voyage was called off',
  },
  actions: {
    depart: {
      from: ['PLANNED', 'IN_PORT'],
      to: 'UNDERWAY',
      meaning: 'the ship leaves a call and others follow',
    },
    arrive: {
      from: ['PLANNED', 'UNDERWAY'],
      to: 'IN_PORT',
      meaning: 'the ship reaches a call after the first',
    },
    complete: { from: ['IN_PORT'], to: 'COMPLETED', meaning: 'the ship leaves the last call' },
    cancel: {
      from: ['PLANNED', 'UNDERWAY', 'IN_PORT'],
      to: 'CANCELLED',
      meaning: 'call it off, with a reason; irreversible',
    },
  },
})

export const voyageStates = voyageLifecycle.stateNames
export type VoyageState = (typeof voyageStates)[number]

/** What a transport call goes through. */
export const transportCallLifecycle = defineLifecycle({
  of: 'transport call',
  states: {
    EXPECTED: 'the ship has not reached it',
    IN_PORT: 'the ship is there',
    DEPARTED: 'the ship has been there and has left',
    PASSED: 'a later call was reached, and nobody was there to see whether the ship came',
    SKIPPED: 'a later call was reached, and the ship would have been seen had it come',
    OMITTED: 'it is not made: its status says so, or the port does',
  },
  actions: {
    arrive: { from: ['EXPECTED'], to: 'IN_PORT', meaning: 'the ship reaches the port' },
    depart: { from: ['EXPECTED', 'IN_PORT'], to: 'DEPARTED', meaning: 'the ship leaves the port' },
    return: {
      from: ['DEPARTED'],
      to: 'IN_PORT',
      meaning: 'the ship is back within a day, so that it had not departed',
    },
    pass: { from: ['EXPECTED'], to: 'PASSED', meaning: 'the ship reaches a later call' },
    skip: {
      from: ['EXPECTED'],
      to: 'SKIPPED',
      meaning: 'the ship reaches a later call than this one, which is watched',
    },
    omit: { from: ['EXPECTED'], to: 'OMITTED', meaning: 'the call is given up' },
  },
})

export const transportCallStates = transportCallLifecycle.stateNames
export type TransportCallState = (typeof transportCallStates)[number]

/** Status codes of a transport call (DCSA Operational Vessel Schedules 3); none for a normal call. */
export const callStatusCodes = {
  OMIT: 'omitted: the ship does not call',
  BLNK: 'blank sailing: the ship does not call',
  ADHO: 'ad hoc: not part of the usual rotation',
  PHOT: 'phase out: the ship leaves the service here',
  PHIN: 'phase in: the ship joins the service here',
  SLID: 'sliding: the ship takes a later place in the schedule',
  ROTC: 'rotation change: the call changes its place in the order',
  CUTR: 'cut and run: the ship leaves before all cargo is worked',
} as const
export type CallStatusCode = keyof typeof callStatusCodes

/** Whether a call with this status is made. */
export const isMade = (status: CallStatusCode | null): boolean =>
  status !== 'OMIT' && status !== 'BLNK'

type GivenCall = {
  transportCallReference?: string | undefined
  UNLocationCode: string
  statusCode?: CallStatusCode | null | undefined
  plannedArrival?: string | null | undefined
  plannedDeparture?: string | null | undefined
}

const needed = { en: 'is needed', es: 'hace falta' }

/**
 * What breaks a rule in a schedule, with its place: a call is in a country that exists, has a planned
 * departure unless it is the last, a planned arrival unless it is the first, and those of calls that are
 * made follow each other.
 */
export const scheduleFaults = (calls: readonly GivenCall[]): Fault[] => {
  const faults: Fault[] = []
  let before: { time: number; pointer: string } | null = null
  const follow = (time: string | null | undefined, pointer: string): void => {
    if (time === null || time === undefined) return
    const at = Date.parse(time)
    if (before !== null && at < before.time) {
      faults.push({
        pointer,
        detail: {
          en: `must not be before ${before.pointer}`,
          es: `no debe ser anterior a ${before.pointer}`,
        },
      })
    }
    before = { time: at, pointer }
  }
  for (const [n, call] of calls.entries()) {
    const [arrival, departure] = (['plannedArrival', 'plannedDeparture'] as const).map(
      (name) => `#/calls/${n}/${name}`,
    ) as [string, string]
    const place = unLocationCodeFault(call.UNLocationCode)
    if (place) faults.push({ pointer: `#/calls/${n}/UNLocationCode`, detail: place })
    if (!call.plannedArrival && n > 0) faults.push({ pointer: arrival, detail: needed })
    if (!call.plannedDeparture && n < calls.length - 1) {
      faults.push({ pointer: departure, detail: needed })
    }
    if (!isMade(call.statusCode ?? null)) continue
    follow(call.plannedArrival, arrival)
    follow(call.plannedDeparture, departure)
  }
  const made = calls.filter(({ statusCode }) => isMade(statusCode ?? null)).length
  if (made < 2) {
    const detail = {
      en: 'must have two calls that are made',
      es: 'debe tener dos escalas que se hagan',
    }
    faults.push({ pointer: '#/calls', detail })
  }
  const references = referencesOf(calls)
  for (const [n, reference] of references.entries()) {
    if (references.indexOf(reference) === n) continue
    const pointer = `#/calls/${n}/transportCallReference`
    const detail = { en: `is another call’s: ${reference}`, es: `es de otra escala: ${reference}` }
    faults.push({ pointer, detail })
  }
  return faults
}

/** The reference of each call: what was given, or the port and how often the ship has called there. */
export const referencesOf = (calls: readonly GivenCall[]): string[] => {
  const times = new Map<string, number>()
  return calls.map(({ transportCallReference, UNLocationCode }) => {
    const nth = (times.get(UNLocationCode) ?? 0) + 1
    times.set(UNLocationCode, nth)
    return transportCallReference ?? `${UNLocationCode}-${nth}`
  })
}

type PlannedTimes = Pick<ScheduledCall, 'plannedArrival' | 'plannedDeparture'>

/** The first time of a schedule, in milliseconds since 1970. */
export const scheduledStart = ([first]: readonly PlannedTimes[]): number =>
  first?.plannedArrival ?? first?.plannedDeparture ?? 0
