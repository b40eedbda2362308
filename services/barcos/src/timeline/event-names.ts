import type { Text } from '@porttrack/shared/http/language'
import type { EventType, Phase, ServiceType } from '../timestamps/port-call-matrix.ts'

/** What people call each actual event of a port call service, as a statement of facts has it. */
export const eventNames: Readonly<Record<ServiceType, Readonly<Partial<Record<EventType, Text>>>>> =
  {
    BERTH: {
      ARRI: { en: 'Arrived at berth', es: 'Llegada al atraque' },
      DEPA: { en: 'Departed from berth', es: 'Salida del atraque' },
    },
    CARGO_OPERATIONS: {
      STRT: { en: 'Cargo operations commenced', es: 'Comienzo de las operaciones de carga' },
      CMPL: { en: 'Cargo operations completed', es: 'Fin de las operaciones de carga' },
    },
    PILOTAGE: {
      STRT: { en: 'Pilotage commenced', es: 'Comienzo del practicaje' },
      CMPL: { en: 'Pilotage completed', es: 'Fin del practicaje' },
    },
    TOWAGE: {
      STRT: { en: 'Towage commenced', es: 'Comienzo del remolque' },
      CMPL: { en: 'Towage completed', es: 'Fin del remolque' },
    },
    MOORING: {
      STRT: { en: 'Mooring commenced', es: 'Comienzo del amarre' },
      CMPL: { en: 'Mooring completed', es: 'Fin del amarre' },
    },
    BUNKERING: {
      STRT: { en: 'Bunkering commenced', es: 'Comienzo del suministro de combustible' },
      CMPL: { en: 'Bunkering completed', es: 'Fin del suministro de combustible' },
    },
    PILOT_BOARDING_PLACE: {
      ARRI: {
        en: 'Arrived at pilot boarding place',
        es: 'Llegada al punto de embarque de prácticos',
      },
    },
    ANCHORAGE: {
      STRT: { en: 'Anchored', es: 'Fondeado' },
      CMPL: { en: 'Anchor aweigh', es: 'Ancla levada' },
    },
    SLUDGE: {
      STRT: { en: 'Sludge disposal commenced', es: 'Comienzo de la entrega de residuos oleosos' },
      CMPL: { en: 'Sludge disposal completed', es: 'Fin de la entrega de residuos oleosos' },
    },
    SEA_PASSAGE: {
      STRT: { en: 'Sea passage commenced', es: 'Comienzo de la travesía' },
      CMPL: { en: 'End of sea passage', es: 'Fin de la travesía' },
    },
    ALL_FAST: { ARRI: { en: 'All fast', es: 'Buque amarrado' } },
    GANGWAY_DOWN_AND_SECURE: {
      ARRI: { en: 'Gangway down and secure', es: 'Escala real arriada y asegurada' },
    },
    VESSEL_READY_FOR_CARGO_OPERATIONS: {
      ARRI: {
        en: 'Vessel ready for cargo operations',
        es: 'Buque listo para las operaciones de carga',
      },
    },
    VESSEL_READY_TO_SAIL: {
      ARRI: { en: 'Vessel ready to sail', es: 'Buque listo para zarpar' },
    },
    DISCHARGE_CARGO_OPERATIONS: {
      STRT: { en: 'Discharging commenced', es: 'Comienzo de la descarga' },
      CMPL: { en: 'Discharging completed', es: 'Fin de la descarga' },
    },
    LOADING_CARGO_OPERATIONS: {
      STRT: { en: 'Loading commenced', es: 'Comienzo de la carga' },
      CMPL: { en: 'Loading completed', es: 'Fin de la carga' },
    },
    LASHING: {
      STRT: { en: 'Lashing commenced', es: 'Comienzo del trincaje' },
      CMPL: { en: 'Lashing completed', es: 'Fin del trincaje' },
    },
    SAFETY: { DEPA: { en: 'Safety (departure)', es: 'Seguridad (salida)' } },
    ANCHORAGE_OPERATIONS: {
      STRT: { en: 'Operations at anchor commenced', es: 'Comienzo de las operaciones en fondeo' },
      CMPL: { en: 'Operations at anchor completed', es: 'Fin de las operaciones en fondeo' },
    },
    SHORE_POWER: {
      STRT: { en: 'Shore power connected', es: 'Conexión eléctrica a tierra' },
      CMPL: { en: 'Shore power disconnected', es: 'Desconexión eléctrica de tierra' },
    },
    MOVES: {},
  }

const phaseNames: Readonly<Record<Phase, Text>> = {
  INBD: { en: 'inbound', es: 'entrada' },
  ALGS: { en: 'alongside', es: 'atracado' },
  SHIF: { en: 'shifting', es: 'maniobra' },
  OUTB: { en: 'outbound', es: 'salida' },
}

type Named = {
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  portCallPhaseTypeCode: Phase | null
}

/** The name of an event with its phase; the codes themselves where the DCSA matrix has no such event. */
export const nameOfEvent = ({
  portCallServiceTypeCode: service,
  portCallServiceEventTypeCode: event,
  portCallPhaseTypeCode: phase,
}: Named): Text => {
  const codes = `${service} ${event}`
  const { en, es } = eventNames[service][event] ?? { en: codes, es: codes }
  if (phase === null) return { en, es }
  return { en: `${en} (${phaseNames[phase].en})`, es: `${es} (${phaseNames[phase].es})` }
}
