import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { fileAnswer } from '@porttrack/shared/http/file-content'
import { languageOf } from '@porttrack/shared/http/language'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { EmployeeParams } from '../employees/employee.schema.ts'
import { CalendarParams, CalendarQuery } from './calendar.schema.ts'
import type { CalendarStore } from './calendar.store.ts'
import { shiftCalendar } from './shift-calendar.ts'

type CalendarRouteOptions = {
  database: PersonalDatabase
  calendars: CalendarStore
  /** IANA zone of the port, by whose clock times are told. */
  timeZone: string
}

const tags = ['employees']

export const calendarRoutes: FastifyPluginAsyncTypebox<CalendarRouteOptions> = async (
  app,
  { database, calendars, timeZone },
) => {
  app.get(
    '/employees/:id/calendar-link',
    {
      config: access.permit('calendar:manage'),
      schema: {
        operationId: 'getCalendarLink',
        summary: 'Whether a person’s calendar can be read by a link',
        tags,
        params: EmployeeParams,
        response: { 200: Type.Ref('CalendarLink'), ...errors(404) },
      },
    },
    async ({ caller, params }) => calendars.find({ caller, id: params.id }),
  )

  app.post(
    '/employees/:id/calendar-link',
    {
      config: access.permit('calendar:manage'),
      schema: {
        operationId: 'makeCalendarLink',
        summary: 'Make a secret link to a person’s calendar',
        description:
          'In the place of the one they had. `Location` is the calendar’s address, with the key: whoever has it reads the shifts. It is given out this once.',
        tags,
        params: EmployeeParams,
        response: { 201: Type.Ref('NewCalendarLink'), ...errors(404, 409) },
      },
    },
    async ({ caller, params }, reply) => {
      // Without idempotent answers, which would keep the key in clear.
      const link = await database.transaction((unit) =>
        calendars.make(unit, { caller, id: params.id }),
      )
      reply.code(201).header('cache-control', 'no-store')
      reply.header('location', `/v1/calendars/${link.id}/shifts.ics?key=${link.key}`)
      return link
    },
  )

  app.delete(
    '/employees/:id/calendar-link',
    {
      config: access.permit('calendar:manage'),
      schema: {
        operationId: 'withdrawCalendarLink',
        summary: 'Withdraw the link to a person’s calendar',
        description: 'Nobody reads the calendar by it from then on.',
        tags,
        params: EmployeeParams,
        response: { 204: Type.Null({ description: 'Withdrawn' }), ...errors(404, 409) },
      },
    },
    async ({ caller, params }, reply) => {
      await database.transaction((unit) => calendars.withdraw(unit, { caller, id: params.id }))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/calendars/:id/shifts.ics',
    {
      config: { public: true },
      schema: {
        operationId: 'readCalendar',
        summary: 'The confirmed shifts of the person whom a secret link is of',
        description:
          'iCalendar (RFC 5545) for whoever has the key, without a token: from a month ago to a year ahead. It names nobody.',
        tags,
        security: [],
        params: CalendarParams,
        querystring: CalendarQuery,
        response: {
          200: {
            description: 'The calendar',
            content: { 'text/calendar': { schema: fileAnswer('calendar') } },
          },
          // Those that come with a token are declared for all routes at once.
          ...errors(400, 404, 408, 414, 429, 431, 500, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const shifts = await calendars.shifts(request.params.id, request.query.key)
      const language = languageOf(request)
      reply.type('text/calendar; charset=utf-8')
      reply.headers({ 'content-language': language, vary: 'accept-language' })
      reply.headers({ 'cache-control': 'private, max-age=300' })
      return reply.send(shiftCalendar(shifts, { language, timeZone }))
    },
  )
}
