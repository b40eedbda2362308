import { defineErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import { dateAt } from '@porttrack/shared/time/local-time'
import {
  type RestProfile,
  restBreaches,
  nonConformities,
  type RestTerms,
  type Work,
} from '../rest/rest-rules.ts'
import { breachText } from '../rest/rest-texts.ts'
import type { Period } from '../rest/work-line.ts'

/** How far an assignment has come: it is confirmed when its shift is published. */
export const assignmentStates = ['PLANNED', 'CONFIRMED', 'WITHDRAWN'] as const
export type AssignmentState = (typeof assignmentStates)[number]

export const assignmentErrors = defineErrors({
  ASSIGNMENT_REFUSED: {
    status: 422,
    title: {
      en: 'The person does not meet every condition',
      es: 'La persona no cumple todas las condiciones',
    },
  },
  POSITION_FILLED: {
    status: 409,
    title: { en: 'The position is filled', es: 'El puesto está cubierto' },
  },
  EMPLOYEE_TAKEN: {
    status: 409,
    title: {
      en: 'The person is assigned elsewhere at that time',
      es: 'La persona está asignada a otro lugar en ese tiempo',
    },
  },
  SHIFT_NOT_FILLED: {
    status: 409,
    title: {
      en: 'Not every position can be filled; nobody was assigned',
      es: 'No se pueden cubrir todos los puestos; no se asignó a nadie',
    },
  },
  GANG_REFUSED: {
    status: 422,
    title: {
      en: 'The gang cannot be assigned as a whole; nobody was assigned',
      es: 'La mano no se puede asignar entera; no se asignó a nadie',
    },
  },
  CREW_CONTENDED: {
    status: 409,
    title: {
      en: 'Others are assigning the same people; try again',
      es: 'Otros están asignando a las mismas personas; vuelva a intentarlo',
    },
  },
  ASSIGNMENT_WITHDRAWN: {
    status: 409,
    title: { en: 'The assignment is withdrawn', es: 'La asignación está retirada' },
  },
})

/** What must hold of whoever is assigned. */
export const assignmentConditions = defineConditions({
  EMPLOYEE_ACTIVE: 'the employee is active',
  FREE_IN_TIME: 'the employee has no other assignment in an overlapping window',
  ROLE_HELD: 'the employee holds the position’s role',
  SKILLS_HELD: 'the employee has each skill that the position asks for',
  CERTIFICATES_VALID:
    'the employee has a certificate of each type that the position asks for, good from the first day of the shift to its last',
  NOT_ABSENT: 'no absence of the employee overlaps the shift',
  REST_KEPT: 'the rules of the employee’s rest profile are kept with the shift',
})
type AssignmentCondition = keyof typeof assignmentConditions
const conditionNames: readonly string[] = Object.keys(assignmentConditions)
const placeOf = ({ code = '' }: Fault): number => conditionNames.indexOf(code)

/** No role and no reason lets anyone work here who does not, or be in two places. */
const neverOverridden: ReadonlySet<string> = new Set<AssignmentCondition>([
  'EMPLOYEE_ACTIVE',
  'FREE_IN_TIME',
])

/** Whether a condition can be set aside by whoever may, with a reason. */
export const canOverride = ({ code }: Fault): boolean => !neverOverridden.has(code ?? '')

export type Requirements = { role: string; skills: string[]; certificates: string[] }

/** What is known of someone around the time of a shift. */
export type Candidate = {
  id: string
  active: boolean
  roles: readonly string[]
  skills: readonly string[]
  restProfile: RestProfile
  /** Those that are not revoked; days as `YYYY-MM-DD`, `expires` null without end. */
  certificates: readonly { type: string; issued: string; expires: string | null }[]
  absences: readonly Period[]
  /** Work as recorded, and as assigned where nothing is recorded. */
  work: readonly Work[]
  /** The shifts that they are assigned to. */
  assigned: readonly (Period & { shiftId: string })[]
}

export type AssignmentTerms = RestTerms & {
  /** IANA zone by which a certificate's days begin and end. */
  timeZone: string
}

/** A position of a shift, as people are judged for it. */
export type Asked = {
  requirements: Requirements
  window: Work
  /** The first and the last day of the shift, `YYYY-MM-DD`. */
  days: { first: string; last: string }
}

/** What a position of a shift asks for. */
export const askedFor = (
  requirements: Requirements,
  window: Work,
  { timeZone }: AssignmentTerms,
): Asked => ({
  requirements,
  window,
  days: {
    first: dateAt(timeZone, new Date(window.start)),
    // The instant at which the shift ends is no longer of it.
    last: dateAt(timeZone, new Date(window.end - 1)),
  },
})

/**
 * Every condition that someone does not meet for a position of a shift, in the order of the table.
 *
 * @param ofShift those that `unmetForShift` has found, which are the same for every position
 */
export const unmetConditions = (
  candidate: Candidate,
  asked: Asked,
  ofShift: readonly Fault[],
): Fault[] => {
  return [...ofShift, ...unmetForPosition(candidate, asked)].toSorted(
    (a, b) => placeOf(a) - placeOf(b),
  )
}

/** The conditions that someone does not meet for any position of a shift. */
export const unmetForShift = (candidate: Candidate, window: Work, terms: RestTerms): Fault[] => [
  ...(candidate.active
    ? []
    : [unmet('EMPLOYEE_ACTIVE', { en: 'is not active', es: 'no está activo' })]),
  ...candidate.assigned
    .filter((each) => overlap(each, window))
    .map(({ shiftId }) => ({
      ...unmet('FREE_IN_TIME', {
        en: 'is assigned to another shift',
        es: 'está asignado a otro turno',
      }),
      conflictsWith: { shiftId },
    })),
  ...(candidate.absences.some((each) => overlap(each, window))
    ? [unmet('NOT_ABSENT', { en: 'is absent', es: 'está ausente' })]
    : []),
  ...restFaults(candidate, window, terms),
]

/** What a position asks for that someone does not have. */
export const unmetForPosition = (
  candidate: Candidate,
  { requirements: { role, skills, certificates }, days }: Asked,
): Fault[] => {
  const lacking = skills.filter((skill) => !candidate.skills.includes(skill))
  const missing = certificates.filter((type) => !hasGood(candidate, type, days))
  return [
    ...(candidate.roles.includes(role)
      ? []
      : [unmet('ROLE_HELD', { en: `does not hold ${role}`, es: `no desempeña ${role}` })]),
    ...(lacking.length === 0
      ? []
      : [
          unmet('SKILLS_HELD', {
            en: `lacks ${lacking.join(', ')}`,
            es: `carece de ${lacking.join(', ')}`,
          }),
        ]),
    ...(missing.length === 0
      ? []
      : [
          unmet('CERTIFICATES_VALID', {
            en: `has no certificate good until ${days.last} of ${missing.join(', ')}`,
            es: `no tiene título vigente hasta el ${days.last} de ${missing.join(', ')}`,
          }),
        ]),
  ]
}

/** Rules of rest that are broken in a window of theirs which the shift has a part in. */
const restFaults = (candidate: Candidate, window: Work, terms: RestTerms): Fault[] => {
  const { restProfile: profile, absences } = candidate
  const work = [...candidate.work, window]
  const breaches = restBreaches({ profile, work, absences }, terms).filter(
    (each) => !each.exempt && overlap(each.window, window),
  )
  return nonConformities(breaches).map((breach) => unmet('REST_KEPT', breachText(breach)))
}

const hasGood = (
  { certificates }: Candidate,
  type: string,
  { first, last }: { first: string; last: string },
): boolean =>
  certificates.some(
    (each) =>
      each.type === type && each.issued <= first && (each.expires === null || each.expires >= last),
  )

const overlap = (one: Period, other: Period): boolean =>
  one.start < other.end && other.start < one.end

const unmet = (code: AssignmentCondition, detail: Text): Fault => ({
  pointer: '#/employeeId',
  code,
  detail,
})
