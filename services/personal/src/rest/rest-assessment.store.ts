import type { Caller } from '@porttrack/shared/auth/caller'
import { kitErrors } from '@porttrack/shared/http/errors'
import { inLanguage, type Language } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { PersonalDatabase } from '../database.ts'
import { employeesKnownTo } from '../employees/employee.store.ts'
import { days, windowFaults } from '../time-window.ts'
import type { NonConformity, RestQuery } from './rest-assessment.schema.ts'
import { workAndAbsenceOf } from './rest-record.store.ts'
import { nonConformities, type RestBreach, restBreaches, type RestTerms } from './rest-rules.ts'
import { breachText } from './rest-texts.ts'

type RestAssessmentStoreOptions = { database: PersonalDatabase; terms: RestTerms }

/** The longest period that is assessed at once. */
const longestPeriod = days(100)

/** People whose work is read at a time, so that memory stays flat however many there are. */
const batch = 500

/** Whether what is assigned and worked keeps the rules of rest. */
export const restAssessmentStore = ({ database, terms }: RestAssessmentStoreOptions) => ({
  /**
   * The non-conformities of the people that a caller may know of, in windows which have a part in a
   * period; by person, in the order of their windows.
   *
   * @throws ProblemError 400 for a period that is none, 404 for one person who is not there
   */
  assess: async (
    { caller, language }: { caller: Caller; language: Language },
    { from, to, employeeId }: RestQuery,
  ): Promise<{ assessed: number; items: NonConformity[] }> => {
    const period = { from: new Date(from), to: new Date(to) }
    const errors = windowFaults(period, { longest: longestPeriod, pointer: '?to' })
    if (errors.length > 0) throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors })
    const window = { start: period.from.getTime(), end: period.to.getTime() }
    const items: NonConformity[] = []
    let assessed = 0
    let after: string | undefined
    do {
      const employees = await database.client.employee.findMany({
        where: {
          AND: [
            employeesKnownTo(caller),
            employeeId === undefined ? {} : { id: employeeId },
            after === undefined ? {} : { id: { gt: after } },
          ],
        },
        select: { id: true, restProfile: true, personnelNumber: true },
        orderBy: { id: 'asc' },
        take: batch,
      })
      const { referenceWeeks } = terms
      const numberOf = new Map(employees.map(({ id, personnelNumber }) => [id, personnelNumber]))
      const records = await workAndAbsenceOf(database.client, employees, { window, referenceWeeks })
      for (const { employeeId: id, profile, work, absences } of records) {
        const breaches = restBreaches({ profile, work, absences }, terms).filter(
          ({ window: each }) => each.start < window.end && window.start < each.end,
        )
        const person = { employeeId: id, personnelNumber: numberOf.get(id) ?? '' }
        items.push(
          ...nonConformities(breaches).map((each) => ({
            ...person,
            ...nonConformityOf(each, language),
          })),
        )
      }
      assessed += employees.length
      after = employees.length === batch ? employees.at(-1)?.id : undefined
    } while (after !== undefined)
    if (employeeId !== undefined && assessed === 0) throw new ProblemError(kitErrors.NOT_FOUND)
    return { assessed, items }
  },
})

export type RestAssessmentStore = ReturnType<typeof restAssessmentStore>

const nonConformityOf = (
  breach: RestBreach,
  language: Language,
): Omit<NonConformity, 'employeeId' | 'personnelNumber'> => ({
  rule: breach.rule,
  from: new Date(breach.window.start).toISOString(),
  to: new Date(breach.window.end).toISOString(),
  bound: breach.bound,
  limitMinutes: breach.limit / 60_000,
  foundMinutes: Math.round(breach.found / 60_000),
  exempt: breach.exempt,
  detail: inLanguage(breachText(breach), language),
})
