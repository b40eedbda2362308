import type { Fault } from '@porttrack/shared/http/problem'
import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import { defineConditions, defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { isCountry } from '@porttrack/shared/places/country'
import { hasItuForm, readCallSign } from './call-sign.ts'
import type { Reading } from './identifier.ts'
import { readImoNumber } from './imo-number.ts'
import { countryOfMmsiNumber, readMmsiNumber } from './mmsi-number.ts'

/** What a ship's state may be refused for. */
export const vesselConditions = defineConditions({
  DETENTION_REASONED: 'a detention says why',
})

/** What a ship is in the eyes of the port. It may be registered in any state but the last. */
export const vesselLifecycle = defineLifecycle({
  of: 'vessel',
  states: {
    ACTIVE: 'the ship trades',
    LAID_UP: 'the ship is out of service; it may be called back',
    DETAINED: 'an authority holds the ship: it is not cleared to leave, and does not depart',
    SCRAPPED: 'the ship is no more: no call is announced for it and it takes no change',
  },
  actions: {
    'lay-up': { from: ['ACTIVE'], to: 'LAID_UP', meaning: 'take the ship out of service' },
    activate: { from: ['LAID_UP'], to: 'ACTIVE', meaning: 'bring a laid-up ship back' },
    detain: {
      from: ['ACTIVE', 'LAID_UP'],
      to: 'DETAINED',
      meaning: 'hold the ship, with a reason; an authorised departure no longer holds',
      conditions: ['DETENTION_REASONED' satisfies keyof typeof vesselConditions],
    },
    release: { from: ['DETAINED'], to: 'ACTIVE', meaning: 'let a detained ship go, with a reason' },
    scrap: {
      from: ['ACTIVE', 'LAID_UP', 'DETAINED'],
      to: 'SCRAPPED',
      meaning: 'the ship was broken up or lost; irreversible',
    },
  },
})

export const vesselStates = vesselLifecycle.stateNames
export type VesselState = (typeof vesselStates)[number]
export const vesselActions = vesselLifecycle.actionNames
export type VesselAction = (typeof vesselActions)[number]

/** What breaks a rule in the state that a ship is to be registered in. */
export const stateFaults = (given: {
  state?: VesselState | undefined
  stateReason?: string | undefined
}): Fault[] => {
  if (given.state !== 'DETAINED' || given.stateReason !== undefined) return []
  const code = 'DETENTION_REASONED' satisfies keyof typeof vesselConditions
  const detail = { en: 'is needed for a detained ship', es: 'es necesario para un buque retenido' }
  return [{ pointer: '#/stateReason', code, detail }]
}

/** DCSA `vesselTypeCode` (Port Call 2.0): by the main cargo a ship carries. */
export const vesselTypes = {
  GCGO: 'general cargo',
  CONT: 'container',
  RORO: 'ro-ro',
  CARC: 'car carrier',
  PASS: 'passenger',
  FERY: 'ferry',
  BULK: 'bulk',
  TANK: 'tanker',
  LGTK: 'liquefied gas tanker',
  ASSI: 'assistance',
  PILO: 'pilot boat',
} as const

export const vesselErrors = defineErrors({
  VESSEL_INVALID: {
    status: 422,
    title: {
      en: 'The vessel’s particulars break a rule',
      es: 'Los datos del buque incumplen una regla',
    },
  },
  VESSEL_EXISTS: {
    status: 409,
    title: {
      en: 'A vessel with this identity is registered already',
      es: 'Ya hay un buque registrado con esta identidad',
    },
  },
  VESSEL_IMO_NUMBER_FIXED: {
    status: 409,
    title: {
      en: 'A vessel’s IMO number never changes',
      es: 'El número OMI de un buque no cambia nunca',
    },
  },
  VESSEL_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The vessel’s state does not allow this',
      es: 'El estado del buque no lo permite',
    },
  },
  VESSELS_NOT_IMPORTED: {
    status: 422,
    title: {
      en: 'The table of vessels has faults; none was registered',
      es: 'La tabla de buques tiene errores; no se registró ninguno',
    },
  },
  VESSEL_IN_PORT: {
    status: 409,
    title: {
      en: 'The vessel is in port; its call ends first',
      es: 'El buque está en puerto; antes debe terminar su escala',
    },
  },
  VESSEL_SCRAPPED: {
    status: 409,
    title: { en: 'The vessel is scrapped', es: 'El buque está desguazado' },
  },
})

/** What a ship is told apart by; null where it is not known. */
export type VesselIdentity = {
  vesselIMONumber: string | null
  MMSINumber: string | null
  callSign: string | null
  flag: string | null
}

type GivenIdentity = { [K in keyof VesselIdentity]?: string }

/**
 * Reads the identity a caller gives into the form it is stored in, with every fault at once. A ship
 * without IMO number and MMSI cannot be told from another, so one of them is needed.
 */
export const readIdentity = (
  given: GivenIdentity,
): { identity: VesselIdentity; faults: Fault[] } => {
  const faults: Fault[] = []
  const read = (name: keyof VesselIdentity, reader: (text: string) => Reading): string | null => {
    const text = given[name]
    if (text === undefined) return null
    const reading = reader(text)
    if ('value' in reading) return reading.value
    faults.push({ pointer: `#/${name}`, detail: reading.fault })
    return null
  }
  const identity = {
    vesselIMONumber: read('vesselIMONumber', readImoNumber),
    MMSINumber: read('MMSINumber', readMmsiNumber),
    callSign: read('callSign', readCallSign),
    flag: read('flag', readFlag),
  }
  if (given.vesselIMONumber === undefined && given.MMSINumber === undefined) {
    faults.push({
      pointer: '#',
      detail: {
        en: 'needs vesselIMONumber or MMSINumber, or both',
        es: 'necesita vesselIMONumber, MMSINumber o ambos',
      },
    })
  }
  return { identity, faults }
}

const readFlag = (code: string): Reading =>
  isCountry(code)
    ? { value: code }
    : {
        fault: {
          en: 'must be a country of ISO 3166-1 alpha-2',
          es: 'debe ser un país de ISO 3166-1 alfa-2',
        },
      }

type Warning = { pointer: string; detail: Text }

/** What is unusual about a ship's identity, without being wrong. */
export const identityWarnings = ({ MMSINumber, callSign, flag }: VesselIdentity): Warning[] => {
  const warnings: Warning[] = []
  const country = MMSINumber === null ? null : countryOfMmsiNumber(MMSINumber)
  if (country !== null && flag !== null && country !== flag) {
    warnings.push({
      pointer: '#/MMSINumber',
      detail: {
        en: `begins with a MID of ${country}, while the flag is ${flag}`,
        es: `empieza por un MID de ${country} y el pabellón es ${flag}`,
      },
    })
  }
  if (callSign !== null && !hasItuForm(callSign)) {
    warnings.push({
      pointer: '#/callSign',
      detail: {
        en: 'has none of the forms that the ITU gives to ships (Radio Regulations, article 19)',
        es: 'no tiene ninguna de las formas que la UIT da a los buques (Reglamento de Radiocomunicaciones, artículo 19)',
      },
    })
  }
  return warnings
}

/** What a name is sorted and searched by. */
export const nameKeyOf = (name: string): string => name.trim().replace(/\s+/g, ' ').toUpperCase()
