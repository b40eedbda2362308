import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { EmployeeParams } from '../employees/employee.schema.ts'
import { AbsenceParams, AbsenceQuery, NewAbsence } from './absence.schema.ts'
import type { AbsenceStore } from './absence.store.ts'

type AbsenceRouteOptions = { database: PersonalDatabase; absences: AbsenceStore }

const tags = ['employees']

export const absenceRoutes: FastifyPluginAsyncTypebox<AbsenceRouteOptions> = async (
  app,
  { database, absences },
) => {
  app.get(
    '',
    {
      config: access.permit('absence:read'),
      schema: {
        operationId: 'listAbsences',
        summary: 'Absences of an employee',
        description: 'The latest first, withdrawn ones among them.',
        tags,
        params: EmployeeParams,
        querystring: AbsenceQuery,
        response: { 200: PageOf(Type.Ref('Absence')), ...errors(404) },
      },
    },
    async ({ caller, params, query }) => absences.list({ caller, id: params.id }, query),
  )

  app.post(
    '',
    {
      config: access.permit('absence:write'),
      schema: {
        operationId: 'registerAbsence',
        summary: 'Register an absence of an employee',
        description: 'Nobody is assigned in it. Assignments that are there already stay.',
        tags,
        params: EmployeeParams,
        body: NewAbsence,
        response: { 201: Type.Ref('Absence'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, params, body: given } = request
        const absence = await absences.register(unit, { caller, id: params.id, given })
        reply.code(201)
        return absence
      }),
  )

  app.post(
    '/:absenceId/withdraw',
    {
      config: access.permit('absence:write'),
      schema: {
        operationId: 'withdrawAbsence',
        summary: 'Withdraw an absence',
        tags,
        params: AbsenceParams,
        response: { 200: Type.Ref('Absence'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, (unit) =>
        absences.withdraw(unit, { caller: request.caller, ...request.params }),
      ),
  )
}
