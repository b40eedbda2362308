import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'

/** The papers that a port asks ships for (IMO FAL.2/Circ.133, list of certificates and documents). */
export const certificateTypes = {
  REGISTRY: 'certificate of registry',
  CLASS: 'certificate of class',
  TONNAGE: 'International Tonnage Certificate (1969)',
  LOAD_LINE: 'International Load Line Certificate',
  SAFETY_CONSTRUCTION: 'Cargo Ship Safety Construction Certificate (SOLAS)',
  SAFETY_EQUIPMENT: 'Cargo Ship Safety Equipment Certificate (SOLAS)',
  SAFETY_RADIO: 'Cargo Ship Safety Radio Certificate (SOLAS)',
  PASSENGER_SAFETY: 'Passenger Ship Safety Certificate (SOLAS)',
  DANGEROUS_GOODS: 'document of compliance for ships carrying dangerous goods (SOLAS II-2/19)',
  SAFE_MANNING: 'minimum safe manning document (SOLAS V/14)',
  ISM_SMC: 'Safety Management Certificate (ISM Code)',
  ISM_DOC: 'Document of Compliance (ISM Code)',
  ISPS: 'International Ship Security Certificate (ISPS Code)',
  MLC: 'Maritime Labour Certificate (MLC 2006)',
  IOPP: 'International Oil Pollution Prevention Certificate (MARPOL I)',
  ISPP: 'International Sewage Pollution Prevention Certificate (MARPOL IV)',
  IAPP: 'International Air Pollution Prevention Certificate (MARPOL VI)',
  IEE: 'International Energy Efficiency Certificate (MARPOL VI)',
  BALLAST_WATER: 'International Ballast Water Management Certificate (BWM 2004)',
  ANTI_FOULING: 'International Anti-fouling System Certificate (AFS 2001)',
  CIVIL_LIABILITY_OIL: 'certificate of insurance for oil pollution damage (CLC 1992)',
  CIVIL_LIABILITY_BUNKER: 'certificate of insurance for bunker oil pollution (Bunkers 2001)',
  WRECK_REMOVAL: 'certificate of insurance for the removal of wrecks (Nairobi 2007)',
  P_AND_I: 'certificate of entry of a protection and indemnity club',
  SANITATION: 'Ship Sanitation Control or Exemption Certificate (IHR 2005)',
} as const

export type CertificateType = keyof typeof certificateTypes
export const certificateTypeNames = Object.keys(certificateTypes) as CertificateType[]

export const certificateStates = ['VALID', 'EXPIRING', 'EXPIRED', 'WITHDRAWN'] as const
export type CertificateState = (typeof certificateStates)[number]

export const certificateErrors = defineErrors({
  VESSEL_CERTIFICATE_INVALID: {
    status: 422,
    title: { en: 'The certificate breaks a rule', es: 'El certificado incumple una regla' },
  },
  VESSEL_CERTIFICATE_EXISTS: {
    status: 409,
    title: {
      en: 'The vessel has a certificate of this type and number',
      es: 'El buque ya tiene un certificado de este tipo y número',
    },
  },
  VESSEL_CERTIFICATE_WITHDRAWN: {
    status: 409,
    title: { en: 'The certificate was withdrawn', es: 'El certificado se retiró' },
  },
})

const dayMs = 86_400_000

type Validity = { expiresOn: string | null; withdrawn: boolean }

/**
 * What a certificate is worth on a day: it is good on the day of its expiry still, and EXPIRING in the
 * `notice` days before.
 *
 * @param today `YYYY-MM-DD`
 */
export const certificateState = (
  { expiresOn, withdrawn }: Validity,
  { today, notice }: { today: string; notice: number },
): CertificateState => {
  if (withdrawn) return 'WITHDRAWN'
  if (expiresOn === null) return 'VALID'
  const daysLeft = (Date.parse(expiresOn) - Date.parse(today)) / dayMs
  if (daysLeft < 0) return 'EXPIRED'
  return daysLeft <= notice ? 'EXPIRING' : 'VALID'
}

type Days = { issuedOn: string; expiresOn?: string | undefined }

/**
 * Which rules the days of a certificate break.
 *
 * @param today `YYYY-MM-DD` in UTC
 */
export const certificateFaults = ({ issuedOn, expiresOn }: Days, today: string): Fault[] => [
  // A day ahead: the day has begun elsewhere.
  ...(Date.parse(issuedOn) > Date.parse(today) + dayMs
    ? [
        {
          pointer: '#/issuedOn',
          detail: { en: 'is in the future', es: 'está en el futuro' },
        },
      ]
    : []),
  ...(expiresOn !== undefined && expiresOn < issuedOn
    ? [
        {
          pointer: '#/expiresOn',
          detail: {
            en: 'is before the day of issue',
            es: 'es anterior al día de expedición',
          },
        },
      ]
    : []),
]
