import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'

type TypeOfCertificate = Text & {
  /** Where it is asked for. */
  rule: string
  /** Whether it may hold for good, without a last day. */
  lasting?: true
}

/** The papers that a port asks ships for (IMO FAL.2/Circ.133, list of certificates and documents). */
export const certificateTypes = {
  REGISTRY: {
    en: 'certificate of registry',
    es: 'patente de navegación',
    rule: 'UNCLOS 91',
    lasting: true,
  },
  CLASS: {
    en: 'certificate of class',
    es: 'certificado de clase',
    rule: 'SOLAS II-1/3-1',
  },
  TONNAGE: {
    en: 'international tonnage certificate',
    es: 'certificado internacional de arqueo',
    rule: 'Tonnage 1969',
    lasting: true,
  },
  LOAD_LINE: {
    en: 'international load line certificate',
    es: 'certificado internacional de francobordo',
    rule: 'Load Lines 1966',
  },
  CARGO_SAFETY: {
    en: 'cargo ship safety certificate',
    es: 'certificado de seguridad para buque de carga',
    rule: 'SOLAS I/12',
  },
  SAFETY_CONSTRUCTION: {
    en: 'cargo ship safety construction certificate',
    es: 'certificado de seguridad de construcción para buque de carga',
    rule: 'SOLAS I/12',
  },
  SAFETY_EQUIPMENT: {
    en: 'cargo ship safety equipment certificate',
    es: 'certificado de seguridad del equipo para buque de carga',
    rule: 'SOLAS I/12',
  },
  SAFETY_RADIO: {
    en: 'cargo ship safety radio certificate',
    es: 'certificado de seguridad radioeléctrica para buque de carga',
    rule: 'SOLAS I/12',
  },
  PASSENGER_SAFETY: {
    en: 'passenger ship safety certificate',
    es: 'certificado de seguridad para buque de pasaje',
    rule: 'SOLAS I/12',
  },
  EXEMPTION: {
    en: 'exemption certificate',
    es: 'certificado de exención',
    rule: 'SOLAS I/12',
  },
  HIGH_SPEED_CRAFT: {
    en: 'high-speed craft safety certificate',
    es: 'certificado de seguridad para naves de gran velocidad',
    rule: 'SOLAS X/3',
  },
  POLAR_SHIP: {
    en: 'polar ship certificate',
    es: 'certificado para buque polar',
    rule: 'SOLAS XIV',
  },
  DANGEROUS_GOODS: {
    en: 'document of compliance for ships carrying dangerous goods',
    es: 'documento de cumplimiento para buques que transporten mercancías peligrosas',
    rule: 'SOLAS II-2/19',
  },
  GRAIN: {
    en: 'document of authorization for the carriage of grain',
    es: 'documento de autorización para el transporte de grano',
    rule: 'SOLAS VI/9',
    lasting: true,
  },
  CHEMICALS: {
    en: 'certificate of fitness for the carriage of dangerous chemicals in bulk',
    es: 'certificado de aptitud para el transporte de productos químicos peligrosos a granel',
    rule: 'SOLAS VII/10',
  },
  GASES: {
    en: 'certificate of fitness for the carriage of liquefied gases in bulk',
    es: 'certificado de aptitud para el transporte de gases licuados a granel',
    rule: 'SOLAS VII/13',
  },
  SAFE_MANNING: {
    en: 'minimum safe manning document',
    es: 'documento relativo a la dotación mínima de seguridad',
    rule: 'SOLAS V/14',
    lasting: true,
  },
  ISM_SMC: {
    en: 'safety management certificate',
    es: 'certificado de gestión de la seguridad',
    rule: 'ISM Code',
  },
  ISM_DOC: {
    en: 'document of compliance of the company',
    es: 'documento de cumplimiento de la compañía',
    rule: 'ISM Code',
  },
  ISPS: {
    en: 'international ship security certificate',
    es: 'certificado internacional de protección del buque',
    rule: 'ISPS Code',
  },
  MLC: {
    en: 'maritime labour certificate',
    es: 'certificado de trabajo marítimo',
    rule: 'MLC 2006',
  },
  REPATRIATION: {
    en: 'financial security for repatriation',
    es: 'garantía financiera para la repatriación',
    rule: 'MLC 2006, A2.5.2',
  },
  SHIPOWNER_LIABILITY: {
    en: 'financial security for the shipowner’s liability to seafarers',
    es: 'garantía financiera de la responsabilidad del armador ante la gente de mar',
    rule: 'MLC 2006, A4.2.1',
  },
  IOPP: {
    en: 'international oil pollution prevention certificate',
    es: 'certificado internacional de prevención de la contaminación por hidrocarburos',
    rule: 'MARPOL I',
  },
  NLS: {
    en: 'pollution prevention certificate for noxious liquid substances in bulk',
    es: 'certificado de prevención de la contaminación por sustancias nocivas líquidas a granel',
    rule: 'MARPOL II',
  },
  ISPP: {
    en: 'international sewage pollution prevention certificate',
    es: 'certificado internacional de prevención de la contaminación por aguas sucias',
    rule: 'MARPOL IV',
  },
  IAPP: {
    en: 'international air pollution prevention certificate',
    es: 'certificado internacional de prevención de la contaminación atmosférica',
    rule: 'MARPOL VI',
  },
  IEE: {
    en: 'international energy efficiency certificate',
    es: 'certificado internacional de eficiencia energética',
    rule: 'MARPOL VI',
    lasting: true,
  },
  BALLAST_WATER: {
    en: 'international ballast water management certificate',
    es: 'certificado internacional de gestión del agua de lastre',
    rule: 'BWM 2004',
  },
  ANTI_FOULING: {
    en: 'international anti-fouling system certificate',
    es: 'certificado internacional relativo al sistema antiincrustante',
    rule: 'AFS 2001',
    lasting: true,
  },
  HAZARDOUS_MATERIALS: {
    en: 'certificate on the inventory of hazardous materials',
    es: 'certificado relativo al inventario de materiales peligrosos',
    rule: 'Hong Kong 2009',
  },
  CIVIL_LIABILITY_OIL: {
    en: 'certificate of insurance for oil pollution damage',
    es: 'certificado de seguro de daños por contaminación de hidrocarburos',
    rule: 'CLC 1992',
  },
  CIVIL_LIABILITY_BUNKER: {
    en: 'certificate of insurance for bunker oil pollution damage',
    es: 'certificado de seguro de daños por contaminación de combustible',
    rule: 'Bunkers 2001',
  },
  WRECK_REMOVAL: {
    en: 'certificate of insurance for the removal of wrecks',
    es: 'certificado de seguro de remoción de restos de naufragio',
    rule: 'Nairobi 2007',
  },
  PASSENGER_LIABILITY: {
    en: 'certificate of insurance for passengers',
    es: 'certificado de seguro de los pasajeros',
    rule: 'Athens 2002',
  },
  P_AND_I: {
    en: 'certificate of entry of a protection and indemnity club',
    es: 'certificado de entrada de un club de protección e indemnización',
    rule: 'P&I',
  },
  SANITATION: {
    en: 'ship sanitation control or exemption certificate',
    es: 'certificado de control de sanidad a bordo o de exención',
    rule: 'IHR 2005',
  },
} as const satisfies Record<string, TypeOfCertificate>

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
 * @param on the day, `YYYY-MM-DD`
 */
export const certificateState = (
  { expiresOn, withdrawn }: Validity,
  { on, notice }: { on: string; notice: number },
): CertificateState => {
  if (withdrawn) return 'WITHDRAWN'
  if (expiresOn === null) return 'VALID'
  const daysLeft = (Date.parse(expiresOn) - Date.parse(on)) / dayMs
  if (daysLeft < 0) return 'EXPIRED'
  return daysLeft <= notice ? 'EXPIRING' : 'VALID'
}

type Given = { type: CertificateType; issuedOn: string; expiresOn?: string | undefined }

/**
 * Which rules a certificate breaks by its days.
 *
 * @param today `YYYY-MM-DD` in UTC
 */
export const certificateFaults = ({ type, issuedOn, expiresOn }: Given, today: string): Fault[] => [
  // A day ahead: the day has begun elsewhere.
  ...(Date.parse(issuedOn) > Date.parse(today) + dayMs
    ? [
        {
          pointer: '#/issuedOn',
          detail: { en: 'is in the future', es: 'está en el futuro' },
        },
      ]
    : []),
  ...(expiresOn === undefined && !isLasting(type)
    ? [
        {
          pointer: '#/expiresOn',
          detail: { en: `is needed for ${type}`, es: `es necesario para ${type}` },
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

const isLasting = (type: CertificateType): boolean => {
  const { lasting }: TypeOfCertificate = certificateTypes[type]
  return lasting === true
}
