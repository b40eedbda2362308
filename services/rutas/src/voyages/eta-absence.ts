import type { Text } from '@porttrack/shared/http/language'
import { notUnderWay } from '../etas/eta.ts'
import type { SeaNetwork } from '../sea-routes/sea-network.ts'
import type { Fix } from '../targets/fix.ts'
import type { CallProgress, Journey } from './journey.ts'
import { type Clock, fixFault, isAtSea, isOnItsWay } from './outlook.ts'
import { firstLook, looksAheadDays } from './voyage-policy.ts'
import type { EtaAbsenceCode } from './voyage.schema.ts'
import { scheduledStart, voyageLifecycle } from './voyage.ts'

/** A voyage without an estimate, as far as that tells why there is none. */
export type Unestimated = Pick<Journey, 'state'> & {
  calls: readonly Pick<
    CallProgress,
    'UNLocationCode' | 'state' | 'plannedArrival' | 'plannedDeparture'
  >[]
  MMSINumber: string | null
  /** When its ship is looked at next, in milliseconds since 1970; null for never. */
  watchAt: number | null
}

/** Where its ship was last, and the sea: its network is asked for only where the answer turns on it. */
type Known = { fix: Fix | null; seaNetwork: () => Promise<SeaNetwork>; clock: Clock }

/** Why a voyage has no estimate, in words. */
export type EtaAbsence = { code: EtaAbsenceCode; detail: Text }

/** Why a voyage has no estimate of the arrival at its next call: the first reason that stands in the way. */
export const whyNoEta = async (
  voyage: Unestimated,
  { fix, seaNetwork, clock }: Known,
): Promise<EtaAbsence> => {
  const { state, calls, MMSINumber, watchAt } = voyage
  const next = calls.findIndex((call) => call.state === 'EXPECTED')
  const call = calls[next]
  if (voyageLifecycle.hasEnded(state)) return because('VOYAGE_ENDED', ended)
  if (!call) return because('NO_CALL_AHEAD', noCallAhead)
  const begins = firstLook(scheduledStart(calls))
  if (state === 'PLANNED' && clock.now < begins) return because('VOYAGE_AHEAD', ahead(begins))
  if (!isOnItsWay({ state, next })) {
    const present = calls.findLast((each) => each.state === 'IN_PORT')
    return because('NOT_DEPARTED', notDeparted(present?.UNLocationCode ?? null))
  }
  if (MMSINumber === null) return because('MMSI_UNKNOWN', mmsiUnknown)
  const fault = fixFault(fix, clock)
  if (fix === null || fault !== null) {
    return because(fault ?? 'POSITION_UNKNOWN', positionText(MMSINumber, fix, clock))
  }
  const { UNLocationCode } = call
  const network = await seaNetwork()
  if (!network.ports.has(UNLocationCode)) {
    return because('PORT_POSITION_UNKNOWN', portUnknown(UNLocationCode))
  }
  if (!isAtSea(network, fix)) return because('NOT_AT_SEA', notAtSea(fix))
  const still = notUnderWay(fix.speed)
  if (still) return because('NOT_UNDER_WAY', still)
  return because('NOT_RECKONED_YET', notReckoned(Math.max(watchAt ?? 0, clock.now)))
}

const because = (code: EtaAbsenceCode, detail: Text): EtaAbsence => ({ code, detail })

const at = (time: number): string => new Date(time).toISOString()

const ended: Text = { en: 'the voyage has ended', es: 'el viaje ha terminado' }

const noCallAhead: Text = {
  en: 'no call is still to come',
  es: 'no queda ninguna escala por hacer',
}

const ahead = (time: number): Text => ({
  en: `arrivals are reckoned from ${looksAheadDays} days before the voyage begins: from ${at(time)}`,
  es: `las llegadas se calculan desde ${looksAheadDays} días antes del comienzo del viaje: desde ${at(time)}`,
})

const notDeparted = (port: string | null): Text =>
  port === null
    ? {
        en: 'nobody has told or seen that the voyage has begun',
        es: 'nadie ha comunicado ni visto que el viaje haya comenzado',
      }
    : { en: `the ship has not left ${port}`, es: `el barco no ha salido de ${port}` }

const mmsiUnknown: Text = {
  en: 'the MMSI of the ship is not known: nothing has been heard of its IMO number',
  es: 'no se conoce el MMSI del barco: no se ha recibido nada de su número IMO',
}

const positionText = (mmsi: string, fix: Fix | null, { now, lostAfter }: Clock): Text => {
  if (fix === null) {
    return {
      en: `no position of MMSI ${mmsi} has been heard`,
      es: `no se ha recibido ninguna posición del MMSI ${mmsi}`,
    }
  }
  const heard = at(fix.time)
  if (fix.time > now) {
    return {
      en: `the last position is of ${heard}, which is still to come`,
      es: `la última posición es de ${heard}, que aún no ha llegado`,
    }
  }
  const minutes = Math.round(lostAfter / 60_000)
  return {
    en: `the ship was heard last at ${heard}, more than ${minutes} minutes ago`,
    es: `el barco se recibió por última vez el ${heard}, hace más de ${minutes} minutos`,
  }
}

const portUnknown = (port: string): Text => ({
  en: `no position is known for ${port}`,
  es: `no se conoce la posición de ${port}`,
})

const notAtSea = ({ lat, lon }: Fix): Text => ({
  en: `no way by sea leads from the last position, ${lat.toFixed(3)}° ${lon.toFixed(3)}°`,
  es: `ningún camino por mar sale de la última posición, ${lat.toFixed(3)}° ${lon.toFixed(3)}°`,
})

const notReckoned = (time: number): Text => ({
  en: `the ship is on its way: the arrival is reckoned at the next look, due at ${at(time)}`,
  es: `el barco está en camino: la llegada se calcula en la próxima revisión, prevista para ${at(time)}`,
})
