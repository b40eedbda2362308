import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { Deactivation, EmployeeParams, EmployeeQuery, NewEmployee } from './employee.schema.ts'
import type { EmployeeStore } from './employee.store.ts'

type EmployeeRouteOptions = {
  database: PersonalDatabase
  employees: EmployeeStore
  metrics: Metrics<typeof metrics>
}

const tags = ['employees']

export const employeeRoutes: FastifyPluginAsyncTypebox<EmployeeRouteOptions> = async (
  app,
  options,
) => {
  const { database, employees, metrics } = options

  app.get(
    '',
    {
      config: access.permit('employee:read'),
      schema: {
        operationId: 'listEmployees',
        summary: 'Search employees',
        description:
          'Personal fields are null for who does not need to know them; by names only those may search or sort who see them (403). Providers see the people of their own organization.',
        tags,
        querystring: EmployeeQuery,
        response: { 200: PageOf(Type.Ref('Employee')) },
      },
    },
    async (request) => employees.list(request.caller, request.query),
  )

  app.post(
    '',
    {
      config: access.permit('employee:write'),
      schema: {
        operationId: 'registerEmployee',
        summary: 'Register an employee',
        tags,
        body: NewEmployee,
        response: { 201: Type.Ref('Employee'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const registration = { caller: request.caller, given: request.body }
        const employee = await employees.register(unit, registration)
        metrics.employeesRegistered.inc({ rest_profile: employee.restProfile })
        return created(reply, `/v1/employees/${employee.id}`, employee)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('employee:read'),
      schema: {
        operationId: 'getEmployee',
        summary: 'One employee',
        tags,
        params: EmployeeParams,
        response: { 200: Type.Ref('Employee'), ...errors(404) },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await employees.find(request.caller, request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('employee:write'),
      schema: {
        operationId: 'replaceEmployee',
        summary: 'Replace what is known of an employee',
        description: 'The state stays as it is.',
        tags,
        params: EmployeeParams,
        body: NewEmployee,
        response: { 200: Type.Ref('Employee'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const { caller, params, body: given } = request
        return employees.replace(unit, { caller, id: params.id, version, given })
      }),
  )

  app.post(
    '/:id/deactivate',
    {
      config: access.permit('employee:write'),
      schema: {
        operationId: 'deactivateEmployee',
        summary: 'Take an employee out of work',
        tags,
        params: EmployeeParams,
        body: Deactivation,
        response: { 200: Type.Ref('Employee'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, body } = request
        const change = { caller, id: request.params.id, reason: body.reason }
        const employee = await employees.deactivate(unit, change)
        metrics.employeesDeactivated.inc()
        return sendVersioned(request, reply, employee)
      }),
  )
}
