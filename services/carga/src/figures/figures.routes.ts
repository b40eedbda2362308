import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { FiguresQuery } from './figures.schema.ts'
import type { FiguresStore } from './figures.store.ts'

/** The longest window, in milliseconds. */
const longest = 366 * 86_400_000

export const figuresRoutes: FastifyPluginAsyncTypebox<{ figures: FiguresStore }> = async (
  app,
  { figures },
) => {
  app.get(
    '',
    {
      config: access.permit('figures:read'),
      schema: {
        operationId: 'getCargoFigures',
        summary: 'Moves per hour, dwell time, yard occupancy and gate turn time',
        tags: ['figures'],
        querystring: FiguresQuery,
        response: { 200: Type.Ref('Figures') },
      },
    },
    async ({ query }) => {
      const { UNLocationCode } = query
      const [from, to] = [new Date(query.from), new Date(query.to)]
      const length = to.getTime() - from.getTime()
      if (length <= 0 || length > longest) {
        const detail = {
          en: 'must be after from, and at most 366 days later',
          es: 'debe ser posterior a from, como mucho 366 días',
        }
        throw new ProblemError(kitErrors.VALIDATION_FAILED, {
          errors: [{ pointer: '?to', detail }],
        })
      }
      const asked = { UNLocationCode, from, to }
      const [{ moves, hours }, dwell, turns, yards] = await Promise.all([
        figures.moves(asked),
        figures.dwell(asked),
        figures.turns(asked),
        figures.yards(UNLocationCode),
      ])
      const total = (name: 'slots' | 'taken'): number =>
        yards.reduce((sum, each) => sum + each[name], 0)
      const [yardSlots, yardTaken] = [total('slots'), total('taken')]
      return {
        UNLocationCode,
        from: from.toISOString(),
        to: to.toISOString(),
        moves,
        workedHours: hours,
        movesPerHour: share(moves, hours),
        dwellContainers: dwell.count,
        meanDwellSeconds: share(dwell.seconds, dwell.count),
        turns: turns.count,
        meanTurnSeconds: share(turns.seconds, turns.count),
        yardSlots,
        yardTaken,
        yardOccupancy: share(yardTaken, yardSlots),
      }
    },
  )
}

/** To four places; null where there is nothing to have a share of. */
const share = (part: number, whole: number): number | null =>
  whole > 0 ? Math.round((part / whole) * 10_000) / 10_000 : null
