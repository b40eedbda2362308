import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import { inMetres, quantity } from '../quantity.ts'
import { isWithinClass } from './dangerous-goods-class.ts'
import { gapBeside, type Margins } from './margins.ts'

/** What must hold for a ship to lie at a berth, whoever else lies there. */
export const berthFitConditions = defineConditions({
  BERTH_OPEN: 'the berth is open',
  BERTH_AT_PORT_OF_CALL: 'the berth is at the port that the call is for',
  LENGTH_KNOWN: 'the ship’s length overall is known',
  LENGTH_WITHIN_LIMIT: 'the ship is no longer than the berth takes',
  LENGTH_FITS_QUAY: 'length overall with the gap on each side fits the quay',
  HULL_WITHIN_METRES: 'the metres asked for are at least the ship’s length overall',
  GAP_TO_QUAY_ENDS: 'the gap is kept to both ends of the quay',
  BEAM_KNOWN: 'the ship’s beam is known, where the berth limits it',
  BEAM_WITHIN_LIMIT: 'the ship is no wider than the berth takes',
  DRAFT_KNOWN: 'a draft is declared for the call, or the ship’s maximum draft is known',
  DRAFT_WITHIN_DEPTH: 'deepest draft with under-keel clearance is within depth and tide',
  DRAFT_WITHIN_LIMIT: 'the deepest draft is no deeper than the berth takes',
  AIR_DRAFT_KNOWN: 'the ship’s air draft is known, where something is overhead',
  AIR_DRAFT_WITHIN_CLEARANCE: 'air draft with its margin is under the overhead clearance',
  DEADWEIGHT_KNOWN: 'the ship’s deadweight is known, where the berth limits it',
  DEADWEIGHT_WITHIN_LIMIT: 'the ship’s deadweight is no more than the berth takes',
  VESSEL_TYPE_KNOWN: 'the ship’s type is known, where the berth takes certain types only',
  VESSEL_TYPE_ACCEPTED: 'the berth takes ships of this type',
  DANGEROUS_GOODS_ACCEPTED: 'the berth takes every declared class of dangerous goods',
  REEFER_PLUGS_SUFFICE: 'the berth has a plug for each declared reefer',
})
export type BerthFitCondition = keyof typeof berthFitConditions

/** Whether a fault is of the berth itself, and not of who else lies there. */
export const isMisfit = ({ code }: Fault): boolean =>
  code !== undefined && Object.hasOwn(berthFitConditions, code)

/** A difference of less than a millimetre decides nothing; metres. */
export const tolerance = 0.001

/** What matters of a ship and its call; metres and tonnes, null is not known. */
export type Ship = {
  lengthOverall: number | null
  beam: number | null
  /** The deepest that is declared for the call. */
  draft: number | null
  airDraft: number | null
  deadweight: number | null
  type: string | null
  /** Where its call is for. */
  UNLocationCode: string
}

/** What matters of a berth; metres and tonnes, a limit of null limits nothing. */
export type BerthLimits = {
  UNLocationCode: string
  state: string
  quayLength: number
  depth: number
  maximumLengthOverall: number | null
  maximumBeam: number | null
  maximumDraft: number | null
  maximumDeadweight: number | null
  overheadClearance: number | null
  /** Empty takes every type. */
  vesselTypes: readonly string[]
  /** Null takes every class, empty none. */
  dangerousGoodsClasses: readonly string[] | null
  /** Null is not known, and gives none. */
  reeferPlugs: number | null
}

/** What a call brings that a berth must be made for. */
type Cargo = { dangerousGoodsClasses: readonly string[]; reefers: number }

type Drafts = { declaredArrivalDraft: number | null; declaredDepartureDraft: number | null }

/** The deepest declared draft; where none is declared, the deepest that the ship can have. Metres. */
export const deepestDraft = (call: Drafts, maximumDraft: number | null): number | null => {
  const declared = [call.declaredArrivalDraft, call.declaredDepartureDraft].filter(
    (draft) => draft !== null,
  )
  return declared.length === 0 ? maximumDraft : Math.max(...declared)
}

export type Fit = {
  ship: Ship
  berth: BerthLimits
  cargo: Cargo
  margins: Margins
  /** Water above the charted depth that is predicted for the stay; metres. */
  predictedTide: number | null
  /** Where the hull is to lie, if that is said. */
  hull?: { fromMetre: number; toMetre: number } | undefined
}

/**
 * Every condition of a berth that a ship does not meet, with the figures. What is not known of the
 * ship is not taken for granted.
 */
export const misfits = (fit: Fit): Fault[] => [
  ...ofPlace(fit),
  ...ofLength(fit),
  ...ofHull(fit),
  ...ofDepth(fit),
  ...ofLimits(fit),
  ...ofCargo(fit),
]

/** What can change after a ship has got its metres: of the ship, its call, or the berth's limits. */
const changing: ReadonlySet<string> = new Set<BerthFitCondition>([
  'LENGTH_WITHIN_LIMIT',
  'HULL_WITHIN_METRES',
  'BEAM_WITHIN_LIMIT',
  'DRAFT_WITHIN_DEPTH',
  'DRAFT_WITHIN_LIMIT',
  'AIR_DRAFT_WITHIN_CLEARANCE',
  'DEADWEIGHT_WITHIN_LIMIT',
  'VESSEL_TYPE_ACCEPTED',
  'DANGEROUS_GOODS_ACCEPTED',
  'REEFER_PLUGS_SUFFICE',
])

/** Every condition that a ship has come to break at the metres that were reserved for it. */
export const laterMisfits = (fit: Fit): Fault[] =>
  misfits(fit).filter(({ code }) => changing.has(code ?? ''))

const unmet = (code: BerthFitCondition, detail: Text, place = '#/berthId'): Fault => ({
  pointer: place,
  code,
  detail,
})

const ofPlace = ({ ship, berth }: Fit): Fault[] => [
  ...(berth.state === 'OPEN'
    ? []
    : [unmet('BERTH_OPEN', { en: 'the berth is closed', es: 'el atraque está cerrado' })]),
  ...(berth.UNLocationCode === ship.UNLocationCode
    ? []
    : [
        unmet('BERTH_AT_PORT_OF_CALL', {
          en: `the berth is at ${berth.UNLocationCode}, the call is for ${ship.UNLocationCode}`,
          es: `el atraque está en ${berth.UNLocationCode} y la escala es en ${ship.UNLocationCode}`,
        }),
      ]),
]

const ofLength = ({ ship, berth, margins }: Fit): Fault[] => {
  const { lengthOverall } = ship
  if (lengthOverall === null) {
    return [
      unmet('LENGTH_KNOWN', {
        en: 'the ship’s length overall is not known',
        es: 'no se conoce la eslora total del buque',
      }),
    ]
  }
  const needed = lengthOverall + 2 * gapBeside(margins, lengthOverall)
  return [
    ...over('LENGTH_WITHIN_LIMIT', lengthOverall, {
      limit: berth.maximumLengthOverall,
      of: { en: 'length overall', es: 'eslora' },
    }),
    ...(needed <= berth.quayLength + tolerance
      ? []
      : [unmet('LENGTH_FITS_QUAY', tooShort(needed, berth.quayLength, quayHas))]),
  ]
}

const quayHas = (metres: Text): Text => ({
  en: `the quay has ${metres.en}`,
  es: `el muelle tiene ${metres.es}`,
})

/** That a ship with its gaps needs more metres than there are, and how many more. */
export const tooShort = (
  needed: number,
  present: number,
  describe: (metres: Text) => Text,
): Text => {
  const [needs, has, missing] = [needed, present, needed - present].map(inMetres) as [
    Text,
    Text,
    Text,
  ]
  const described = describe(has)
  return {
    en: `needs ${needs.en} with gaps, ${described.en}: ${missing.en} are missing`,
    es: `necesita ${needs.es} con los resguardos y ${described.es}: faltan ${missing.es}`,
  }
}

const ofHull = ({ ship, berth, margins, hull }: Fit): Fault[] => {
  const { lengthOverall } = ship
  if (hull === undefined || lengthOverall === null) return []
  const [from, to] = [inMetres(hull.fromMetre), inMetres(hull.toMetre)]
  const length = hull.toMetre - hull.fromMetre
  const gap = gapBeside(margins, lengthOverall)
  const missing = Math.max(gap - hull.fromMetre, hull.toMetre + gap - berth.quayLength)
  const [kept, short] = [inMetres(gap), inMetres(missing)]
  return [
    ...(length >= lengthOverall - tolerance
      ? []
      : [
          unmet(
            'HULL_WITHIN_METRES',
            {
              en: `from ${from.en} to ${to.en} there are ${inMetres(length).en}, the ship has ${inMetres(lengthOverall).en}`,
              es: `de ${from.es} a ${to.es} hay ${inMetres(length).es} y la eslora es de ${inMetres(lengthOverall).es}`,
            },
            '#/toMetre',
          ),
        ]),
    ...(missing <= tolerance
      ? []
      : [
          unmet(
            'GAP_TO_QUAY_ENDS',
            {
              en: `lies from ${from.en} to ${to.en} of ${inMetres(berth.quayLength).en} and must keep ${kept.en} to the ends: ${short.en} are missing`,
              es: `queda de ${from.es} a ${to.es} de ${inMetres(berth.quayLength).es} y debe guardar ${kept.es} hasta los extremos: faltan ${short.es}`,
            },
            '#/fromMetre',
          ),
        ]),
  ]
}

const ofDepth = ({ ship, berth, margins, predictedTide }: Fit): Fault[] => {
  const { draft } = ship
  if (draft === null) {
    return [
      unmet('DRAFT_KNOWN', {
        en: 'no draft is declared, and the ship’s maximum draft is not known',
        es: 'no hay calado declarado ni se conoce el calado máximo del buque',
      }),
    ]
  }
  const needed = draft + Math.max(margins.underKeel, margins.underKeelShare * draft)
  const tide = predictedTide ?? margins.tide
  const water = berth.depth + tide
  const [needs, has, rises] = [needed, water, tide].map(inMetres) as [Text, Text, Text]
  return [
    ...(needed <= water + tolerance
      ? []
      : [
          unmet('DRAFT_WITHIN_DEPTH', {
            en: `draws ${inMetres(draft).en} and needs ${needs.en} with under-keel clearance, there are ${has.en} with a tide of ${rises.en}: ${inMetres(needed - water).en} are missing`,
            es: `cala ${inMetres(draft).es} y necesita ${needs.es} con el resguardo bajo la quilla; hay ${has.es} con una marea de ${rises.es}: faltan ${inMetres(needed - water).es}`,
          }),
        ]),
    ...over('DRAFT_WITHIN_LIMIT', draft, {
      limit: berth.maximumDraft,
      of: { en: 'draft', es: 'calado' },
    }),
  ]
}

type Limit = { limit: number | null; of: Text; unit?: string }

const over = (
  code: BerthFitCondition,
  value: number,
  { limit, of, unit = 'm' }: Limit,
): Fault[] => {
  if (limit === null || value <= limit + tolerance) return []
  const [has, takes, excess] = [value, limit, value - limit].map((each) =>
    quantity(each, unit),
  ) as [Text, Text, Text]
  return [
    unmet(code, {
      en: `${of.en} ${has.en}, the berth takes ${takes.en}: ${excess.en} too much`,
      es: `${of.es} ${has.es}; el atraque admite ${takes.es}: sobran ${excess.es}`,
    }),
  ]
}

const notKnown = (code: BerthFitCondition, of: Text): Fault =>
  unmet(code, {
    en: `the ship’s ${of.en} is not known, and the berth limits it`,
    es: `el atraque limita un dato del buque que no se conoce: ${of.es}`,
  })

const ofLimits = ({ ship, berth, margins }: Fit): Fault[] => {
  const { beam, airDraft, deadweight, type } = ship
  const found: Fault[] = []
  if (berth.maximumBeam !== null) {
    const of = { en: 'beam', es: 'manga' }
    found.push(
      ...(beam === null
        ? [notKnown('BEAM_KNOWN', of)]
        : over('BEAM_WITHIN_LIMIT', beam, { limit: berth.maximumBeam, of })),
    )
  }
  if (berth.overheadClearance !== null) {
    found.push(
      ...(airDraft === null
        ? [notKnown('AIR_DRAFT_KNOWN', { en: 'air draft', es: 'altura sobre el agua' })]
        : over('AIR_DRAFT_WITHIN_CLEARANCE', airDraft + margins.overhead, {
            limit: berth.overheadClearance,
            of: { en: 'air draft with margin', es: 'altura sobre el agua con su resguardo' },
          })),
    )
  }
  if (berth.maximumDeadweight !== null) {
    const of = { en: 'deadweight', es: 'peso muerto' }
    found.push(
      ...(deadweight === null
        ? [notKnown('DEADWEIGHT_KNOWN', of)]
        : over('DEADWEIGHT_WITHIN_LIMIT', deadweight, {
            limit: berth.maximumDeadweight,
            of,
            unit: 't',
          })),
    )
  }
  if (berth.vesselTypes.length > 0) {
    if (type === null) found.push(notKnown('VESSEL_TYPE_KNOWN', { en: 'type', es: 'tipo' }))
    else if (!berth.vesselTypes.includes(type)) {
      const taken = berth.vesselTypes.join(', ')
      found.push(
        unmet('VESSEL_TYPE_ACCEPTED', {
          en: `the ship is of type ${type}, the berth takes ${taken}`,
          es: `el buque es de tipo ${type} y el atraque admite ${taken}`,
        }),
      )
    }
  }
  return found
}

const ofCargo = ({ berth, cargo }: Fit): Fault[] => {
  const { dangerousGoodsClasses: accepted, reeferPlugs } = berth
  const refused = cargo.dangerousGoodsClasses.filter(
    (declared) => accepted !== null && !accepted.some((each) => isWithinClass(declared, each)),
  )
  const plugs = reeferPlugs ?? 0
  return [
    ...(refused.length === 0
      ? []
      : [
          unmet(
            'DANGEROUS_GOODS_ACCEPTED',
            {
              en: `the berth does not take dangerous goods of class ${refused.join(', ')}`,
              es: `el atraque no admite mercancías peligrosas de clase ${refused.join(', ')}`,
            },
            '#/dangerousGoodsClasses',
          ),
        ]),
    ...(cargo.reefers <= plugs
      ? []
      : [
          unmet(
            'REEFER_PLUGS_SUFFICE',
            {
              en: `${cargo.reefers} reefers, ${plugs} plugs: ${cargo.reefers - plugs} are missing`,
              es: `${cargo.reefers} contenedores frigoríficos y ${plugs} tomas: faltan ${cargo.reefers - plugs}`,
            },
            '#/reefers',
          ),
        ]),
  ]
}
