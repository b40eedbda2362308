import { Subject } from '@porttrack/shared/auth/subject'
import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { Reason } from '../reason.schema.ts'
import { dangerousGoodsLifecycle } from './dangerous-goods.ts'
import { hazardClassPattern, segregationLevels } from './segregation.ts'
import { told } from '../told.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const HazardClass = Type.String({
  pattern: hazardClassPattern,
  description: 'Class or division of IMDG, those of class 1 with their compatibility group',
  examples: ['3', '1.4S'],
})

const attributes = {
  unNumber: Type.String({ pattern: String.raw`^\d{4}$`, examples: ['1263'] }),
  hazardClass: HazardClass,
  subsidiaryRisks: Type.Array(HazardClass, { maxItems: 5, uniqueItems: true, default: [] }),
  properShippingName: Type.String({ minLength: 1, maxLength: 200, pattern: String.raw`\S` }),
}
const packingGroup = nullable(
  Type.Integer({ minimum: 1, maximum: 3, description: 'I to III; null for none' }),
)
const flashPoint = nullable(
  Type.Number({ minimum: -100, maximum: 400, description: '°C, closed cup' }),
)
const emsNumber = nullable(
  Type.String({
    pattern: '^F-[A-J],? ?S-[A-Z]$',
    description: 'Emergency schedules',
    examples: ['F-E S-E'],
  }),
)

export const NewDangerousGoods = Type.Object(
  {
    ...attributes,
    packingGroup: Type.Optional(packingGroup),
    flashPoint: Type.Optional(flashPoint),
    emsNumber: Type.Optional(emsNumber),
  },
  { additionalProperties: false },
)
export type NewDangerousGoods = Static<typeof NewDangerousGoods>

export const DangerousGoods = Type.Object(
  {
    id: Uuid,
    containerVisitId: Uuid,
    ...attributes,
    packingGroup,
    flashPoint,
    emsNumber,
    state: Type.Enum([...dangerousGoodsLifecycle.stateNames], { type: 'string' }),
    reason: nullable(
      Type.String({ ...told.reason, description: 'Why it was last accepted or rejected' }),
    ),
    declaredAt: Instant,
    declaredBy: Subject,
    decidedAt: nullable(Instant),
    decidedBy: nullable(Subject),
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'DangerousGoods' },
)
export type DangerousGoods = Static<typeof DangerousGoods>

export const DangerousGoodsParams = Type.Object({ id: Uuid, declarationId: Uuid })

/** What is said with a decision; a rejection says why. */
export const DangerousGoodsDecision = Type.Object(
  { reason: Type.Optional(Reason) },
  { additionalProperties: false },
)

const Container = Type.Object({
  containerVisitId: Uuid,
  equipmentReference: told.equipmentReference,
})

export const SegregationConflict = Type.Object(
  {
    between: Type.Array(Container, { minItems: 2, maxItems: 2 }),
    classes: Type.Array(told.code, {
      minItems: 2,
      maxItems: 2,
      description: 'The hazards that the rule speaks of',
    }),
    level: Type.Enum([...segregationLevels.map(String), 'CONSULT'], {
      type: 'string',
      description:
        '1 away from, 2 separated from, 3 by a complete compartment, 4 longitudinally by one; CONSULT: neither safe nor forbidden before someone has looked into the goods list',
    }),
    rule: Type.String({ ...told.code, examples: ['IMDG 7.2.4'] }),
    distance: Type.Number({ minimum: 0, description: 'Metres between their sides' }),
    required: Type.Number({ minimum: 0, description: 'Metres that there must be' }),
    confirmed: Type.Boolean({ description: 'Whether the consultation was confirmed' }),
    detail: told.sentence,
  },
  { $id: 'SegregationConflict' },
)
type ConflictAnswer = Static<typeof SegregationConflict>
export type SegregationConflict = Omit<ConflictAnswer, 'detail'> & { detail: Text }

/** Conflicts that are named in an answer, at most; the rest are counted. */
const mostConflicts = 1_000

export const Segregation = Type.Object(
  {
    verdict: Type.Enum(['CLEAR', 'CONSULT', 'FORBIDDEN'], {
      type: 'string',
      description: 'CONSULT where nothing is forbidden and a consultation is not confirmed',
    }),
    containers: Type.Integer({ minimum: 0, description: 'Containers with dangerous goods' }),
    conflicts: Type.Array(Type.Ref('SegregationConflict'), {
      maxItems: mostConflicts,
      description: 'The first thousand, the strictest first',
    }),
    conflictsInAll: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Segregation' },
)

/** A check as a caller reads it. */
export const segregationIn = (
  { containers, conflicts }: { containers: number; conflicts: readonly SegregationConflict[] },
  language: Language,
) => {
  const open = conflicts.filter(({ confirmed }) => !confirmed)
  const forbidden = open.some(({ level }) => level !== 'CONSULT')
  const verdict: 'CLEAR' | 'CONSULT' | 'FORBIDDEN' =
    open.length === 0 ? 'CLEAR' : forbidden ? 'FORBIDDEN' : 'CONSULT'
  return {
    verdict,
    containers,
    conflicts: conflicts
      .slice(0, mostConflicts)
      .map((each) => ({ ...each, detail: inLanguage(each.detail, language) })),
    conflictsInAll: conflicts.length,
  }
}

export const NewSegregationConfirmation = Type.Object(
  {
    containerVisitIds: Type.Array(Uuid, { minItems: 2, maxItems: 2, uniqueItems: true }),
    reason: Reason,
  },
  { additionalProperties: false },
)

export const SegregationConfirmation = Type.Object(
  {
    containerVisitIds: Type.Array(Uuid, { minItems: 2, maxItems: 2 }),
    reason: told.reason,
    recordedAt: Instant,
    recordedBy: Subject,
  },
  { $id: 'SegregationConfirmation' },
)
export type SegregationConfirmation = Static<typeof SegregationConfirmation>
