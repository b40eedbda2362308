import type { Knowledge } from '@porttrack/shared/events/knowledge'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import { type CutOffCode, cutOffs } from '../cut-offs/cut-off.ts'
import type { DangerousGoodsState } from '../dangerous-goods/dangerous-goods.ts'
import { type HoldAuthority, holdAuthorities } from '../holds/hold.ts'
import { ageText, mayBeWorked } from '../port-calls/port-call.ts'
import { type Declared, vgmFaults } from '../vgm/vgm.ts'

/** What a container must meet to be loaded as well as to leave by the gate. */
export const movingConditions = defineConditions({
  IN_YARD: 'it is in the yard',
  NO_HOLD: 'no authority holds it',
})

/** What else it must meet to be loaded. */
export const loadingConditions = defineConditions({
  LEAVES_BY_SEA: 'its flow is EXPORT or TRANSSHIPMENT',
  CALL_AT_BERTH: 'the port call that it leaves by is ALONGSIDE or WORKING',
  VGM_VALID: 'laden, it has a verified gross mass that breaks no rule (SOLAS VI/2)',
  SEAL_PRESENT: 'a laden export has a seal',
  DANGEROUS_GOODS_ACCEPTED: 'all dangerous goods declared in it are accepted',
  SEGREGATED:
    'where it is to be stowed, its goods are as far from others as IMDG asks, or the consultation is confirmed',
  CUT_OFF_MET: 'it, its mass and its dangerous goods came before the cut-off, or may be late',
})
type LoadingCondition = keyof typeof loadingConditions | keyof typeof movingConditions

/** What else it must meet to leave by the gate. */
export const leavingConditions = defineConditions({
  LEAVES_BY_LAND: 'its flow is IMPORT',
  CUSTOMS_RELEASED: 'customs have released it (CUSR)',
  LINE_RELEASED: 'the line has released it (RELS)',
  APPOINTMENT: 'a truck has an appointment to fetch it',
})
type LeavingCondition = keyof typeof leavingConditions | keyof typeof movingConditions

/** What a container's visit is judged by. */
export type Situation = {
  visit: Pick<
    ContainerVisit,
    'flow' | 'state' | 'isEmpty' | 'seals' | 'tareWeight' | 'maximumGrossWeight'
  >
  /** The call that it leaves by; null when none is named, or barcos has not told of it. */
  call: { state: string; toldAt: Date } | null
  knowledge: Knowledge
  /** The newest declaration, null where there is none or it was retracted. */
  vgm: (Declared & { declaredAt: Date }) | null
  /** Holds that are not released. */
  holds: readonly { authority: HoldAuthority; reason: string }[]
  cutOffs: Readonly<Partial<Record<CutOffCode, Date>>>
  overridden: ReadonlySet<CutOffCode>
  dangerousGoods: readonly { unNumber: string; state: DangerousGoodsState; declaredAt: Date }[]
  /** Conflicts with neighbours where it is to be stowed that are not confirmed. */
  conflicts: readonly Text[]
  /** Whether a truck is booked or has come to fetch it. */
  isFetched: boolean
  /** When it came in by the gate, was released by customs and by the line, by standing events. */
  happened: Readonly<Partial<Record<'GTIN' | 'CUSR' | 'RELS', Date>>>
  /** When the thing judged happens. */
  at: Date
}

const unmet = (met: boolean, detail: Text): Text[] => (met ? [] : [detail])

const heldBy = ({ holds }: Situation): Text[] =>
  holds.map(({ authority, reason }) => {
    const { en, es } = holdAuthorities[authority]
    return {
      en: `${en} (${authority}) holds it: ${reason}`,
      es: `${es} (${authority}) lo retiene: ${reason}`,
    }
  })

const inYard = ({ visit: { state } }: Situation): Text[] =>
  unmet(state === 'IN_YARD' || state === 'RELEASED', {
    en: `it is ${state} and not in the yard`,
    es: `está en ${state} y no en el patio`,
  })

/** Whether work that is reported later was done while the ship was there. */
const wasWorked = ({ call, at }: Situation): boolean =>
  call !== null &&
  ['COMPLETED', 'DEPARTED', 'CLOSED'].includes(call.state) &&
  at.getTime() < call.toldAt.getTime()

const callAtBerth = (situation: Situation): Text[] => {
  const { call, knowledge } = situation
  const age = ageText(knowledge)
  if (call === null) {
    return [
      {
        en: `no port call that it leaves by is known (${age.en})`,
        es: `no se conoce ninguna escala por la que salga (${age.es})`,
      },
    ]
  }
  return unmet(mayBeWorked(call.state) || wasWorked(situation), {
    en: `the port call is ${call.state} (${age.en})`,
    es: `la escala está en ${call.state} (${age.es})`,
  })
}

const vgmValid = ({ visit, vgm }: Situation): Text[] => {
  if (visit.isEmpty) return []
  if (vgm === null) {
    return [{ en: 'it has no verified gross mass', es: 'no tiene masa bruta verificada' }]
  }
  return vgmFaults(vgm, visit).map(({ pointer, detail }) => {
    const what = pointer.slice(2)
    return {
      en: `${what} of the verified gross mass ${detail.en}`,
      es: `${what} de la masa bruta verificada ${detail.es}`,
    }
  })
}

/** When each thing that has a cut-off came; null while it has not, undefined where it need not. */
const cameAt: Readonly<Record<CutOffCode, (situation: Situation) => Date | null | undefined>> = {
  FCO: ({ visit, happened }) =>
    visit.flow === 'EXPORT' && !visit.isEmpty ? (happened.GTIN ?? null) : undefined,
  VCO: ({ visit, vgm }) => (visit.isEmpty ? undefined : (vgm?.declaredAt ?? null)),
  DGC: ({ dangerousGoods }) => {
    const times = dangerousGoods.map(({ declaredAt }) => declaredAt.getTime())
    return times.length === 0 ? undefined : new Date(Math.max(...times))
  },
}

const cutOffMet = (situation: Situation): Text[] =>
  (Object.keys(cutOffs) as CutOffCode[]).flatMap((code) => {
    const limit = situation.cutOffs[code]
    if (limit === undefined || situation.overridden.has(code)) return []
    const came = cameAt[code](situation)
    if (came === undefined || (came ?? situation.at) <= limit) return []
    const { en, es } = cutOffs[code]
    const until = limit.toISOString()
    return [
      {
        en: `${en} (${code}) was due by ${until}`,
        es: `${es} (${code}): el plazo terminó el ${until}`,
      },
    ]
  })

type Judge = (situation: Situation) => readonly Text[]

const loadingJudges: Readonly<Record<LoadingCondition, Judge>> = {
  LEAVES_BY_SEA: ({ visit: { flow } }) =>
    unmet(flow !== 'IMPORT', { en: `its flow is ${flow}`, es: `su flujo es ${flow}` }),
  IN_YARD: inYard,
  CALL_AT_BERTH: callAtBerth,
  VGM_VALID: vgmValid,
  SEAL_PRESENT: ({ visit: { flow, isEmpty, seals } }) =>
    unmet(flow !== 'EXPORT' || isEmpty || seals.length > 0, {
      en: 'a laden export has no seal',
      es: 'una exportación llena no tiene precinto',
    }),
  NO_HOLD: heldBy,
  DANGEROUS_GOODS_ACCEPTED: ({ dangerousGoods }) =>
    dangerousGoods
      .filter(({ state }) => state !== 'ACCEPTED')
      .map(({ unNumber, state }) => ({
        en: `UN ${unNumber} is ${state}`,
        es: `UN ${unNumber} está en ${state}`,
      })),
  SEGREGATED: ({ conflicts }) => conflicts,
  CUT_OFF_MET: cutOffMet,
}

const leavingJudges: Readonly<Record<LeavingCondition, Judge>> = {
  LEAVES_BY_LAND: ({ visit: { flow } }) =>
    unmet(flow === 'IMPORT', { en: `its flow is ${flow}`, es: `su flujo es ${flow}` }),
  IN_YARD: inYard,
  CUSTOMS_RELEASED: ({ happened }) =>
    unmet(happened.CUSR !== undefined, {
      en: 'customs have not released it (CUSR)',
      es: 'la aduana no lo ha liberado (CUSR)',
    }),
  LINE_RELEASED: ({ happened }) =>
    unmet(happened.RELS !== undefined, {
      en: 'the line has not released it (RELS)',
      es: 'la naviera no lo ha liberado (RELS)',
    }),
  NO_HOLD: heldBy,
  APPOINTMENT: ({ isFetched }) =>
    unmet(isFetched, {
      en: 'no truck has an appointment to fetch it',
      es: 'ningún camión tiene cita para recogerlo',
    }),
}

/** What a container wants to do. */
export type Purpose = 'loading' | 'leaving'

/** Every condition that a situation does not meet, each by its code. */
export const unmetConditions = (purpose: Purpose, situation: Situation): Fault[] =>
  Object.entries(purpose === 'loading' ? loadingJudges : leavingJudges).flatMap(([code, judge]) =>
    judge(situation).map((detail) => ({ pointer: '#', code, detail })),
  )

/** Conditions that a move's own order tells of already: what must have happened before it. */
const toldByOrder: ReadonlySet<string> = new Set([
  'LEAVES_BY_SEA',
  'LEAVES_BY_LAND',
  'IN_YARD',
  'CUSTOMS_RELEASED',
  'LINE_RELEASED',
])

/** Every condition that stands in the way of a move that has happened, beside its own order. */
export const unmetByMove = (purpose: Purpose, situation: Situation): Fault[] =>
  unmetConditions(purpose, situation).filter(({ code = '' }) => !toldByOrder.has(code))
