import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { EmployeeRow, PersonalDatabase, Prisma } from '../database.ts'
import { employeesKnownTo } from '../employees/employee.store.ts'
import { byEmployee, periodOf } from '../rest/rest-record.store.ts'
import { longestRecord } from '../work-records/work-record.ts'
import { effectiveRecords } from '../work-records/work-record.store.ts'
import {
  figuresOfWeek,
  type Hours,
  lastWeek,
  type ReportTerms,
  spanFaults,
  type Week,
  weeksOf,
} from './work-report.ts'
import type { WorkReportLine, WorkReportQuery } from './work-report.schema.ts'

type WorkReportStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  terms: ReportTerms & { timeZone: string }
}

/** People whose hours are read at a time, so that memory stays flat however many there are. */
const batch = 500

/** What people have worked by week: hours in, figures out. */
export const workReportStore = ({ database, cursors, terms }: WorkReportStoreOptions) => {
  const peopleOf = (where: Prisma.EmployeeWhereInput[], take: number) =>
    database.client.employee.findMany({ where: { AND: where }, orderBy: { id: 'asc' }, take })

  return {
    /**
     * The lines of a page of people, those without any hours among them while they are active.
     *
     * @throws ProblemError 400 for a span that is none
     */
    page: async (caller: Caller, query: WorkReportQuery): Promise<Page<WorkReportLine>> => {
      const weeks = weeksAsked(query, terms.timeZone)
      const keys = [{ field: 'id' as const, descending: false }]
      const { where } = keysetOf(keys, cursors.read('work-report', query))
      const found = await peopleOf([...whereOf(caller, query), where], (query.limit ?? 50) + 1)
      const page = cursors.page('work-report', query, { found, positionOf: positionIn(keys) })
      const items = await linesOf(database, page.items, { weeks, terms })
      return { items, next: page.next }
    },

    /**
     * The lines of everyone, read as they are taken.
     *
     * @throws ProblemError 400 for a span that is none
     */
    whole: (caller: Caller, query: WorkReportQuery): AsyncIterable<WorkReportLine> => {
      const weeks = weeksAsked(query, terms.timeZone)
      return (async function* () {
        let after: string | undefined
        do {
          const behind = after === undefined ? {} : { id: { gt: after } }
          const people = await peopleOf([...whereOf(caller, query), behind], batch)
          yield* await linesOf(database, people, { weeks, terms })
          after = people.length === batch ? people.at(-1)?.id : undefined
        } while (after !== undefined)
      })()
    },
  }
}

export type WorkReportStore = ReturnType<typeof workReportStore>

const whereOf = (caller: Caller, { employeeId, organization }: WorkReportQuery) => [
  employeesKnownTo(caller),
  employeeId === undefined ? {} : { id: employeeId },
  organization === undefined ? {} : { organization },
]

/** @throws ProblemError 400 */
const weeksAsked = ({ from, to }: WorkReportQuery, timeZone: string): Week[] => {
  const last = lastWeek(timeZone, new Date())
  const span = { from: from ?? last.from, to: to ?? from ?? last.to }
  const errors = spanFaults(span)
  if (errors.length > 0) throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors })
  return weeksOf(timeZone, span)
}

const linesOf = async (
  database: PersonalDatabase,
  people: readonly EmployeeRow[],
  { weeks, terms }: { weeks: readonly Week[]; terms: ReportTerms },
): Promise<WorkReportLine[]> => {
  const [first, last] = [weeks[0], weeks.at(-1)]
  if (!first || !last || people.length === 0) return []
  const ids = people.map(({ id }) => id)
  const hoursOf = await readHours(database, ids, { start: first.start, end: last.end })
  return people.flatMap((person) => {
    const hours = hoursOf(person.id)
    const { id: employeeId, personnelNumber, organization, state } = person
    const has = Object.values(hours).some((periods) => periods.length > 0)
    if (!has && state !== 'ACTIVE') return []
    return weeks.map((week) => ({
      week: week.monday,
      employeeId,
      personnelNumber,
      organization,
      ...figuresOfWeek(hours, week, terms),
    }))
  })
}

const readHours = async (
  { client }: PersonalDatabase,
  ids: string[],
  span: { start: number; end: number },
): Promise<(id: string) => Hours> => {
  const [from, to] = [new Date(span.start), new Date(span.end)]
  const planned = {
    employeeId: { in: ids },
    withdrawnAt: null,
    startsAt: { lt: to },
    endsAt: { gt: from },
  }
  const [assignments, records, absences] = await Promise.all([
    client.assignment.findMany({ where: planned }),
    client.workRecord.findMany({
      where: {
        ...effectiveRecords,
        employeeId: { in: ids },
        startedAt: { lt: to, gt: new Date(span.start - longestRecord.milliseconds) },
        endedAt: { gt: from },
      },
    }),
    client.absence.findMany({ where: planned }),
  ])
  const [assignmentsOf, recordsOf, absencesOf] = [
    byEmployee(assignments),
    byEmployee(records),
    byEmployee(absences),
  ]
  return (id) => ({
    planned: assignmentsOf(id).map(periodOf),
    recorded: recordsOf(id).flatMap(({ startedAt, endedAt, emergency, signedAt }) =>
      endedAt === null
        ? []
        : [
            {
              start: startedAt.getTime(),
              end: endedAt.getTime(),
              emergency,
              signed: signedAt !== null,
            },
          ],
    ),
    absences: absencesOf(id).map(periodOf),
  })
}
