import type { Fault } from '@porttrack/shared/http/problem'
import { defineErrors } from '@porttrack/shared/http/errors'
import { isCountry } from '../places/country.ts'
import { hasItuForm, readCallSign } from './call-sign.ts'
import type { Reading } from './identifier.ts'
import { readImoNumber } from './imo-number.ts'
import { countryOfMmsiNumber, readMmsiNumber } from './mmsi-number.ts'

/** A ship's states; SCRAPPED is terminal, DETAINED blocks departure. */
export const vesselStates = ['ACTIVE', 'LAID_UP', 'DETAINED', 'SCRAPPED'] as const

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
  VESSEL_INVALID: { status: 422, title: 'The vessel’s particulars break a rule' },
  VESSEL_EXISTS: { status: 409, title: 'A vessel with this identity is registered already' },
  VESSEL_IMO_NUMBER_FIXED: { status: 409, title: 'A vessel’s IMO number never changes' },
  VESSEL_SCRAPPED: { status: 409, title: 'The vessel is scrapped' },
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
    faults.push({ pointer: '#', detail: 'needs vesselIMONumber or MMSINumber, or both' })
  }
  return { identity, faults }
}

const readFlag = (code: string): Reading =>
  isCountry(code) ? { value: code } : { fault: 'must be a country of ISO 3166-1 alpha-2' }

type Warning = { pointer: string; detail: string }

/** What is unusual about a ship's identity, without being wrong. */
export const identityWarnings = ({ MMSINumber, callSign, flag }: VesselIdentity): Warning[] => {
  const warnings: Warning[] = []
  const country = MMSINumber === null ? null : countryOfMmsiNumber(MMSINumber)
  if (country !== null && flag !== null && country !== flag) {
    warnings.push({
      pointer: '#/MMSINumber',
      detail: `begins with a MID of ${country}, while the flag is ${flag}`,
    })
  }
  if (callSign !== null && !hasItuForm(callSign)) {
    warnings.push({
      pointer: '#/callSign',
      detail: 'has none of the forms that the ITU gives to ships (Radio Regulations, article 19)',
    })
  }
  return warnings
}

/** What a name is sorted and searched by. */
export const nameKeyOf = (name: string): string => name.trim().replace(/\s+/g, ' ').toUpperCase()
