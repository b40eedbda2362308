import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { holds } from '@porttrack/shared/auth/access'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import {
  AssignmentParams,
  AssignmentQuery,
  Filled,
  GangAssignment,
  NewAssignment,
  PositionParams,
  ShiftParams,
  SuggestionQuery,
  Suggestions,
  Withdrawal,
} from './assignment.schema.ts'
import type { AssignmentStore } from './assignment.store.ts'
import { assignmentErrors } from './assignment.ts'

type AssignmentRouteOptions = {
  database: PersonalDatabase
  assignments: AssignmentStore
  metrics: Metrics<typeof metrics>
}

const tags = ['shifts']

/** The codes of the conditions for which an assignment was refused; none for another error. */
const conditionsRefused = (error: unknown): string[] =>
  error instanceof ProblemError &&
  (error.kind === assignmentErrors.ASSIGNMENT_REFUSED ||
    error.kind === assignmentErrors.GANG_REFUSED)
    ? (error.errors ?? []).flatMap(({ code = [] }) => code)
    : []

export const assignmentRoutes: FastifyPluginAsyncTypebox<AssignmentRouteOptions> = async (
  app,
  { database, assignments, metrics },
) => {
  const refused = (error: unknown): never => {
    for (const condition of conditionsRefused(error)) {
      metrics.conditionsUnmet.inc({ condition, outcome: 'refused' })
    }
    throw error
  }

  app.get(
    '/assignments',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listAssignments',
        summary: 'Who is assigned to a shift',
        description: 'In the order in which they were assigned, withdrawn ones among them.',
        tags,
        params: ShiftParams,
        querystring: AssignmentQuery,
        response: { 200: PageOf(Type.Ref('Assignment')), ...errors(404) },
      },
    },
    async ({ caller, params, query }) => assignments.list({ caller, shiftId: params.id }, query),
  )

  app.post(
    '/assignments',
    {
      config: access.permit('assignment:write'),
      schema: {
        operationId: 'assign',
        summary: 'Assign someone to a position of a shift',
        description:
          'Refused with every condition that is not met by its code. Whoever may set them aside gives the reason; it is kept.',
        tags,
        params: ShiftParams,
        body: NewAssignment,
        response: { 201: Type.Ref('Assignment'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body: given } = request
        const assignment = await assignments
          .assign(unit, {
            caller,
            shiftId: params.id,
            given,
            mayOverride: holds(caller, access.grants['assignment:override']),
          })
          .catch(refused)
        metrics.assignments.inc({ overridden: String(assignment.overridden.length > 0) })
        for (const condition of assignment.overridden) {
          metrics.conditionsUnmet.inc({ condition, outcome: 'overridden' })
        }
        reply.code(201)
        return assignment
      }),
  )

  app.post(
    '/assignments/:assignmentId/withdraw',
    {
      config: access.permit('assignment:write'),
      schema: {
        operationId: 'withdrawAssignment',
        summary: 'Withdraw an assignment',
        tags,
        params: AssignmentParams,
        body: Withdrawal,
        response: { 200: Type.Ref('Assignment'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, (unit) => {
        const { caller, params, body } = request
        const { id: shiftId, assignmentId } = params
        return assignments.withdraw(unit, { caller, shiftId, assignmentId, reason: body.reason })
      }),
  )

  app.get(
    '/positions/:positionId/suggestions',
    {
      config: access.permit('assignment:write'),
      schema: {
        operationId: 'suggestEmployees',
        summary: 'Who may fill a position',
        description:
          'Those who meet every condition, the most rested first, and of those with as much rest whoever has had fewer nights.',
        tags,
        params: PositionParams,
        querystring: SuggestionQuery,
        response: { 200: Suggestions, ...errors(404) },
      },
    },
    async ({ caller, params, query }) => {
      const { id: shiftId, positionId } = params
      const items = await assignments.suggest(
        { caller, shiftId },
        { positionId, limit: query.limit ?? 20 },
      )
      return { items }
    },
  )

  app.post(
    '/fill',
    {
      config: access.permit('assignment:write'),
      schema: {
        operationId: 'fillShift',
        summary: 'Fill every open position of a shift, or none',
        description:
          'With whoever is suggested first, as far as everyone can be placed. Where a position stays open, 409 says for each how many could have filled it and what keeps them from it.',
        tags,
        params: ShiftParams,
        response: { 200: Filled, ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params } = request
        const items = await assignments.fill(unit, { caller, shiftId: params.id })
        metrics.assignments.inc({ overridden: 'false' }, items.length)
        return { items }
      }),
  )

  app.post(
    '/assign-gang',
    {
      config: access.permit('assignment:write'),
      schema: {
        operationId: 'assignGang',
        summary: 'Assign a standing gang to a shift as a whole',
        description:
          'Each member takes an open position of which every condition is met, or nobody is assigned: 422 says of each member who finds none what is not met for the position that comes nearest, or that others of the gang take those that are left. `#/members/0` is the gang’s first member. Positions that the gang leaves stay open.',
        tags,
        params: ShiftParams,
        body: GangAssignment,
        response: { 200: Filled, ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body } = request
        const items = await assignments
          .assignGang(unit, { caller, shiftId: params.id, gangId: body.gangId })
          .catch(refused)
        metrics.assignments.inc({ overridden: 'false' }, items.length)
        return { items }
      }),
  )
}
